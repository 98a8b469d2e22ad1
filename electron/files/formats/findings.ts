import type { Check, Evidence, Outcome, Rung } from '../../../shared/contract/checks.ts'

const maxPerCode = 5

/** An offset alone, or any part of the evidence; `advice` says what to do about it. */
export type Where = number | null | (Partial<Evidence> & { readonly advice?: string })

/** What one reader found on one rung, in the order it looked. */
export interface Findings {
  readonly list: readonly Check[]
  add(outcome: Exclude<Outcome, 'passed'>, code: string, message: string, where?: Where): void
  /** Something was looked at and is as it should be. */
  passed(code: string, message: string): void
  /** Further ones are only counted: their message and place need not be worked out. */
  isFull(outcome: Outcome, code: string): boolean
}

const nowhere: Evidence = { file: null, offset: null, tensor: null, text: null }

const evidenceOf = (where: Where): Evidence | null => {
  if (where === null) return null
  if (typeof where === 'number') return { ...nowhere, offset: where }
  const { advice: _, ...evidence } = where
  return Object.values(evidence).some((part) => part !== null && part !== undefined)
    ? { ...nowhere, ...evidence }
    : null
}

export const checkOf = (rung: Rung, outcome: Outcome, code: string, message: string, where: Where = null): Check => ({
  rung,
  code,
  outcome,
  message,
  advice: where !== null && typeof where === 'object' ? (where.advice ?? null) : null,
  evidence: evidenceOf(where),
})

/** A hostile file could cause a finding per key: the first of each code and outcome are kept, the last tells of the rest. */
export const createFindings = (rung: Rung): Findings => {
  const list = createCheckList()
  return {
    list: list.checks,
    add(outcome, code, message, where = null) {
      if (!list.countMore(outcome, code)) list.add(checkOf(rung, outcome, code, message, where))
    },
    passed(code, message) {
      list.add(checkOf(rung, 'passed', code, message))
    },
    isFull: (outcome, code) => (list.kept(outcome, code)?.count ?? 0) >= maxPerCode,
  }
}

/** The same for checks that others found, one member of an archive after the other. */
export const limitChecks = (checks: Iterable<Check>): readonly Check[] => {
  const list = createCheckList()
  for (const check of checks) if (!list.countMore(check.outcome, check.code)) list.add(check)
  return list.checks
}

interface Kept {
  count: number
  /** the last that is in the list, and where */
  last: Check
  at: number
}

const createCheckList = () => {
  const checks: Check[] = []
  // two steps instead of one joined key: it is asked a million times for a hostile file
  const seen = new Map<Outcome, Map<string, Kept>>()
  const kept = (outcome: Outcome, code: string) => seen.get(outcome)?.get(code)
  return {
    checks: checks as readonly Check[], // whoever got it sees what is added later
    kept,
    add(check: Check) {
      const { outcome, code } = check
      const ofOutcome = seen.get(outcome) ?? new Map<string, Kept>()
      seen.set(outcome, ofOutcome)
      ofOutcome.set(code, { count: (ofOutcome.get(code)?.count ?? 0) + 1, last: check, at: checks.length })
      checks.push(check)
    },
    /** False: there is still room for it. */
    countMore(outcome: Outcome, code: string): boolean {
      const entry = kept(outcome, code)
      if (entry === undefined || entry.count < maxPerCode) return false
      entry.count += 1
      const more = entry.count - maxPerCode
      checks[entry.at] = { ...entry.last, message: `${entry.last.message} … and ${more} more like it.` }
      return true
    },
  }
}
