import { defaultContextLength } from '../../shared/contextLength.ts'
import type { Check, Outcome } from '../../shared/contract/checks.ts'
import { estimateMemory, type MemoryFacts } from './estimateMemory.ts'

export interface FitFacts extends MemoryFacts {
  /** of the tensors, without padding */
  readonly dataBytes: number
}

/** Memory of the whole machine, GPU and RAM together; null: unknown. */
export interface Room {
  readonly totalBytes: number | null
  readonly freeBytes: number | null
}

const gib = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** What is left of the total for a model when everything else is closed: the system itself needs some. */
const usableShare = 0.9

const check = (outcome: Outcome, code: string, message: string, advice: string | null): Check => ({
  rung: 'fit',
  code,
  outcome,
  message,
  advice,
  evidence: null,
})

/** Does a model fit into this machine: with its default context where that can be computed, else by its weights alone. */
export const fitChecks = (facts: FitFacts, { totalBytes, freeBytes }: Room): Check[] => {
  if (totalBytes === null || facts.dataBytes === 0) return []
  const contextLength = defaultContextLength(facts.contextLength)
  const estimate = estimateMemory(facts, { contextLength, kvCacheType: 'f16' })
  const needed = estimate?.totalBytes ?? facts.dataBytes
  const needs =
    estimate === null
      ? `Its weights alone need ${gib(needed)}`
      : `It needs ≈ ${gib(needed)} with a context of ${contextLength.toLocaleString('en-US')} tokens`
  const has = `this machine has ${gib(totalBytes)}${freeBytes === null ? '' : `, ${gib(freeBytes)} of it free now`}`
  if (needed > totalBytes * usableShare)
    return [
      check(
        'warning',
        'does-not-fit',
        `${needs}; ${has}.`,
        'Take a smaller quantisation, or a machine with more memory.',
      ),
    ]
  if (freeBytes !== null && needed > freeBytes)
    return [check('note', 'tight', `${needs}; ${has}.`, 'Unload something first.')]
  return [check('passed', 'fits', `${needs}; ${has}.`, null)]
}
