import type { Check, Evidence, Outcome, Rung } from '../../../shared/contract/checks.ts'

const maxPerCode = 5
const maxInAll = 200

/** An offset alone, or any part of the evidence; `advice` says what to do about it. */
export type Where = number | null | (Partial<Evidence> & { readonly advice?: string })

/** What one reader found on one rung, in the order it looked. */
export interface Findings {
  readonly list: readonly Check[]
  add(outcome: Exclude<Outcome, 'passed'>, code: string, message: string, where?: Where): void
  /** Something was looked at and is as it should be. */
  passed(code: string, message: string): void
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

/** A hostile file could cause a finding per key: only the first of each code are kept. */
export const createFindings = (rung: Rung): Findings => {
  const list: Check[] = []
  const counts = new Map<string, number>()
  return {
    list,
    add(outcome, code, message, where = null) {
      const count = (counts.get(code) ?? 0) + 1
      counts.set(code, count)
      if (count > maxPerCode || list.length >= maxInAll) return
      list.push(checkOf(rung, outcome, code, message, where))
    },
    passed(code, message) {
      list.push(checkOf(rung, 'passed', code, message))
    },
  }
}
