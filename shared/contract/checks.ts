import { z } from 'zod'

/** The ladder a file goes up; each rung costs more than the one before it. */
export const Rung = z.enum(['identity', 'structure', 'meaning', 'safety', 'fit', 'fingerprint', 'provenance'])
export type Rung = z.infer<typeof Rung>

/**
 * What one check found. note: worth knowing. warning: usable, but something is wrong or may go wrong. broken: current
 * runtimes refuse the file or crash on it. dangerous: made to do harm, or able to. unknown: could not be looked into.
 */
export const Outcome = z.enum(['passed', 'note', 'warning', 'broken', 'dangerous', 'unknown'])
export type Outcome = z.infer<typeof Outcome>

/** Where a check saw what it says. Null: does not apply. */
export const Evidence = z.object({
  /** name within the folder or archive */
  file: z.string().nullable(),
  /** byte of that file */
  offset: z.number().nullable(),
  tensor: z.string().nullable(),
  /** what stands there: an opcode, an imported name, a piece of a template */
  text: z.string().nullable(),
})
export type Evidence = z.infer<typeof Evidence>

export const Check = z.object({
  rung: Rung,
  /** stable, kebab-case */
  code: z.string(),
  outcome: Outcome,
  message: z.string(),
  /** what to do about it; null when the message says it or nothing is to be done */
  advice: z.string().nullable(),
  evidence: Evidence.nullable(),
})
export type Check = z.infer<typeof Check>

/**
 * dangerous before broken before unknown before warnings before ok. Never "safe": ok means that no check found anything.
 */
export const Verdict = z.enum(['ok', 'warnings', 'broken', 'dangerous', 'unknown'])
export type Verdict = z.infer<typeof Verdict>

/** One fact and where it was read: a key of the file, `tensor table`, `config.json`, `file system` … */
export const Fact = z.object({ label: z.string(), value: z.string(), source: z.string() })
export type Fact = z.infer<typeof Fact>

export const FactGroup = z.object({ title: z.string(), facts: z.array(Fact) })
export type FactGroup = z.infer<typeof FactGroup>
