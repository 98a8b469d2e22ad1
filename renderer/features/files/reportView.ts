import type { Check, Evidence, Outcome, Rung, Verdict } from '../../../shared/contract/checks.ts'
import type { RungResult } from '../../lib/validations.ts'

/** In the order of the ladder. */
const rungs = ['identity', 'structure', 'meaning', 'safety', 'fit', 'fingerprint', 'provenance'] as const

export const rungWords: Record<Rung, string> = {
  identity: 'What it is',
  structure: 'Structure: is it whole',
  meaning: 'Meaning',
  safety: 'Code and hidden content',
  fit: 'Fit for this machine',
  fingerprint: 'Fingerprint',
  provenance: 'Origin',
}

export const verdictWords: Record<Verdict, string> = {
  ok: 'passed',
  warnings: 'warnings',
  broken: 'broken',
  dangerous: 'dangerous',
  unknown: 'unknown',
}

/** What a verdict means for the person. Never that a file is without danger. */
export const verdictMeanings: Record<Verdict, string> = {
  ok: 'No check found anything wrong.',
  warnings: 'It can be used, but something is wrong or may go wrong.',
  broken: 'Current runtimes refuse it or crash on it.',
  dangerous: 'It is made to do harm, or able to. Do not load it.',
  unknown: 'Something in it could not be looked into.',
}

/** The same of a folder, whose verdict is that of the worst in it. */
export const memberMeanings: Record<Verdict, string> = {
  ok: 'No check found anything wrong in its files.',
  warnings: 'Something is wrong, or may go wrong, with at least one file in it.',
  broken: 'Current runtimes refuse at least one file in it, or crash on it.',
  dangerous: 'At least one file in it is made to do harm, or able to. Do not load that one.',
  unknown: 'At least one file in it could not be looked into.',
}

const severities: readonly Outcome[] = ['dangerous', 'broken', 'unknown', 'warning', 'note', 'passed']

export const worstOf = (checks: readonly Check[]): Outcome =>
  severities.find((outcome) => checks.some((check) => check.outcome === outcome)) ?? 'passed'

/** What was looked at on each rung; rungs without a check are left out. */
export const checksByRung = (checks: readonly Check[]): readonly RungResult[] =>
  rungs
    .map((rung) => ({ rung, checks: checks.filter((check) => check.rung === rung) }))
    .filter((each) => each.checks.length > 0)

export type RungState = 'ended' | 'running' | 'waiting'

/** Every rung of the ladder while a file goes up: the first that has not ended is the one it is on. */
export const ladderOf = (
  ended: readonly RungResult[],
): readonly (RungResult & { readonly state: RungState; readonly worst: Outcome })[] => {
  const byRung = Map.groupBy(ended, ({ rung }) => rung)
  // provenance is announced only where something is known of it
  const shown = rungs.filter((rung) => rung !== 'provenance' || byRung.has(rung))
  const current = shown.find((rung) => !byRung.has(rung))
  return shown.map((rung) => {
    const checks = byRung.get(rung)?.flatMap((each) => each.checks) ?? []
    const state = byRung.has(rung) ? 'ended' : rung === current ? 'running' : 'waiting'
    return { rung, checks, state, worst: worstOf(checks) }
  })
}

/** The one line a rung is told by: its worst finding, else the first thing that is well. */
export const rungLine = (checks: readonly Check[]): string | null => {
  const worst = worstOf(checks)
  return checks.find(({ outcome }) => outcome === worst)?.message ?? null
}

const outcomePlurals: readonly (readonly [Outcome, one: string, many: string])[] = [
  ['dangerous', 'danger', 'dangers'],
  ['broken', 'fault', 'faults'],
  ['unknown', 'unknown', 'unknowns'],
  ['warning', 'warning', 'warnings'],
  ['note', 'note', 'notes'],
]

/** `2 warnings, 1 note`; empty when all passed. */
export const countIssues = (issues: readonly Check[]): string =>
  outcomePlurals
    .map(([outcome, one, many]) => [issues.filter((check) => check.outcome === outcome).length, one, many] as const)
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    .join(', ')

export const evidenceLines = ({ file, tensor, offset, text }: Evidence): readonly (readonly [string, string])[] => {
  const lines: readonly (readonly [string, string | null])[] = [
    ['File', file],
    ['Tensor', tensor],
    ['Offset', offset === null ? null : `${offset.toLocaleString('en-US')} (0x${offset.toString(16)})`],
    ['Text', text === '' ? null : text],
  ]
  return lines.flatMap(([label, value]) => (value === null ? [] : [[label, value] as const]))
}

/** A check as one would send it to somebody. */
export const checkText = ({ outcome, code, message, advice, evidence }: Check): string =>
  [
    `${outcome} (${code}): ${message}`,
    ...(advice === null ? [] : [advice]),
    ...(evidence === null ? [] : evidenceLines(evidence).map(([label, value]) => `${label}: ${value}`)),
  ].join('\n')
