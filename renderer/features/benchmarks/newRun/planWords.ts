import type { BenchmarkPlan } from '../../../../shared/contract/benchmarks.ts'
import { formatDuration, formatUsd } from '../../../lib/format.ts'

/** Nobody waits by the second for what takes a minute. */
const rounded = (seconds: number): number => {
  if (seconds < 10) return Math.max(1, Math.round(seconds))
  if (seconds < 90) return Math.round(seconds / 5) * 5
  if (seconds < 3600) return Math.round(seconds / 60) * 60
  return Math.round(seconds / 300) * 300
}

const plain = (seconds: number): string => (seconds < 90 ? `${seconds} s` : formatDuration(seconds * 1000))

/** `about 40 s`, `about 12 min`, `about 1 h 20 min`. */
export const aboutSeconds = (seconds: number): string => `about ${plain(rounded(seconds))}`

/** How long a run takes; `not known yet` where this model's speed is not. The budget ends it in any case. */
export const timeWords = ({
  estimatedSeconds,
  budgetSeconds,
}: Pick<BenchmarkPlan, 'estimatedSeconds' | 'budgetSeconds'>): string => {
  const most = budgetSeconds === null ? null : `at most ${plain(budgetSeconds)}`
  if (estimatedSeconds === null) return most ?? 'not known yet'
  return budgetSeconds !== null && estimatedSeconds > budgetSeconds ? (most ?? '') : aboutSeconds(estimatedSeconds)
}

/** What a run costs; null where nobody pays. */
export const priceWords = ({
  estimatedUsd,
  needsConsent,
}: Pick<BenchmarkPlan, 'estimatedUsd' | 'needsConsent'>): string | null => {
  if (estimatedUsd !== null && estimatedUsd > 0) return `≈ ${formatUsd(estimatedUsd)}`
  return needsConsent ? 'costs money' : null
}

/** More than the estimate, because answers differ in length; whole cents, at least one. */
export const proposedUsd = (estimatedUsd: number | null): number | null =>
  estimatedUsd === null ? null : Math.max(1, Math.ceil(estimatedUsd * 1.25 * 100)) / 100

/** The most that one run may be agreed to cost. */
export const mostUsd = 100_000

/** What stands in the field as a sum; null: nothing that can be spent. Untouched, it is what is proposed. */
export const usdOf = (typed: number | string | null, proposed: number | null): number | null => {
  if (typed === null) return proposed
  return typeof typed === 'number' && typed >= 0.01 && typed <= mostUsd ? typed : null
}
