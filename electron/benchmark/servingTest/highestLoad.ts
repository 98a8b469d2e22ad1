import type { ServingFigures } from '../../../shared/contract/benchmarkResults.ts'
import type { Load } from '../../../shared/contract/benchmarkSettings.ts'

/** A search ends after so many loads, however close it came. */
export const maxSearchSteps = 12
/** as a part of the highest load that is known to be good */
const closeEnough = 0.05
const goodPart = 0.95
const highest = { concurrency: 256, rate: 1000 } as const
const lowest = { concurrency: 1, rate: 0.001 } as const

export type LoadKind = Load['by']
export interface TriedLoad {
  readonly size: number
  readonly keepsLimits: boolean
}

export const sizeOf = (load: Load): number => (load.by === 'concurrency' ? load.level : load.requestsPerSecond)
export const loadOf = (kind: LoadKind, size: number): Load =>
  kind === 'concurrency' ? { by: kind, level: size } : { by: kind, requestsPerSecond: size }

/** In at least 95 of 100 requests, and without a single error. */
export const keepsLimits = ({ goodput, errors, requests }: ServingFigures): boolean =>
  requests > 0 && Object.keys(errors).length === 0 && goodput !== null && goodput.part >= goodPart

/** The highest that keeps the limits, below all that do not; null: none did. */
export const highestGood = (tried: readonly TriedLoad[]): number | null => {
  const bad = Math.min(...tried.filter((each) => !each.keepsLimits).map(({ size }) => size))
  const good = tried.filter((each) => each.keepsLimits && each.size < bad).map(({ size }) => size)
  return good.length === 0 ? null : Math.max(...good)
}

/**
 * The load to try next; null: it was found. Doubled until the limits are broken, halved while the lowest breaks them, and then
 * between the two, until they are as close as 5 % or one request.
 */
export const nextLoad = (kind: LoadKind, tried: readonly TriedLoad[]): number | null => {
  const round = (size: number): number =>
    kind === 'concurrency' ? Math.round(size) : Number(Math.max(lowest.rate, size).toPrecision(4))
  const bad = Math.min(...tried.filter((each) => !each.keepsLimits).map(({ size }) => size))
  const good = highestGood(tried)
  if (good === null) return Number.isFinite(bad) ? below(kind, round(bad / 2), bad) : lowest[kind]
  if (!Number.isFinite(bad)) return good >= highest[kind] ? null : Math.min(highest[kind], round(good * 2))
  const isClose = bad - good <= Math.max(kind === 'concurrency' ? 1 : 0, good * closeEnough)
  return isClose ? null : round((good + bad) / 2)
}

const below = (kind: LoadKind, size: number, bad: number): number | null =>
  size >= lowest[kind] && size < bad ? size : null
