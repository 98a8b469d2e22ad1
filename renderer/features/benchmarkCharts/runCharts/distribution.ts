import type { BenchmarkSample } from '../../../../shared/contract/benchmarks.ts'
import { logTicks, niceTicks } from '../charts/axis.ts'
import type { Latency } from './servingSeries.ts'

/** What of a sample is looked at; `batch`: the time of one batch of texts. */
export type Measure = Exclude<Latency, 'tpot'> | 'batch'

const ofSample = (sample: BenchmarkSample, measure: Measure): readonly number[] => {
  if ('ms' in sample) return measure === 'batch' ? [sample.ms] : []
  if (measure === 'ttft') return sample.firstMs === null ? [] : [sample.firstMs - sample.plannedMs]
  if (measure === 'e2e') return sample.error === null ? [sample.endMs - sample.plannedMs] : []
  if (measure === 'itl') return sample.pieceMs.slice(1).map((at, index) => at - (sample.pieceMs[index] ?? at))
  return []
}

/** Milliseconds, ascending. Times count from the planned arrival, as in the figures of the run; failed requests have no end. */
export const valuesOf = (samples: readonly BenchmarkSample[], measure: Measure): Float64Array => {
  const values: number[] = []
  for (const sample of samples) for (const value of ofSample(sample, measure)) values.push(value)
  return Float64Array.from(values).sort()
}

/** R-7 of Hyndman and Fan, as the figures of the run. `sorted`: ascending, not empty. */
export const quantile = (sorted: ArrayLike<number>, part: number): number => {
  const at = (sorted.length - 1) * part
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.min(Math.floor(at) + 1, sorted.length - 1)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

/** `to` belongs to the bin only in the last one. */
export type Bin = { readonly from: number; readonly to: number; readonly count: number }
export type Histogram = { readonly scale: 'linear' | 'log'; readonly bins: readonly Bin[] }

const fewestBins = 8
export const mostBins = 60

/** Freedman and Diaconis: a width by the middle half of the values, so that a few stalls do not decide it. */
const binCount = (values: ArrayLike<number>, span: number): number => {
  const width = (2 * (quantile(values, 0.75) - quantile(values, 0.25))) / Math.cbrt(values.length)
  const wanted = width > 0 ? Math.ceil(span / width) : fewestBins
  return Math.max(fewestBins, Math.min(mostBins, wanted))
}

/** A tail so long that the rest would be one bar: then by orders of magnitude. */
const longTail = 8
/** Pieces that came in one packet have no time between them, and zero has no logarithm. */
const leastMs = 0.1

const linear = { forth: (ms: number) => ms, back: (at: number) => at }
const logarithmic = { forth: (ms: number) => Math.log10(Math.max(leastMs, ms)), back: (at: number) => 10 ** at }

/** `sorted`: ascending, not empty; never more bins than `mostBins`. */
export const histogramOf = (sorted: Float64Array): Histogram => {
  const low = sorted[0] ?? 0
  const high = sorted.at(-1) ?? 0
  if (high <= low) return { scale: 'linear', bins: [{ from: low, to: high, count: sorted.length }] }
  const scale = high > Math.max(leastMs, quantile(sorted, 0.5)) * longTail ? 'log' : 'linear'
  const { forth, back } = scale === 'log' ? logarithmic : linear
  const scaled = sorted.map(forth)
  const from = forth(low)
  const span = forth(high) - from
  const count = binCount(scaled, span)
  const counts = new Array<number>(count).fill(0)
  for (const value of scaled) {
    const index = Math.min(count - 1, Math.max(0, Math.floor(((value - from) / span) * count)))
    counts[index] = (counts[index] ?? 0) + 1
  }
  const edge = (index: number): number => back(from + (span * index) / count)
  return { scale, bins: counts.map((each, index) => ({ from: edge(index), to: edge(index + 1), count: each })) }
}

/** Part of all values up to `ms`, at so many steps. */
export const cumulative = (
  sorted: Float64Array,
  steps = 200,
): readonly { readonly ms: number; readonly part: number }[] => {
  if (sorted.length === 0) return []
  const last = Math.min(steps, Math.max(1, sorted.length - 1))
  return Array.from({ length: last + 1 }, (_, index) => ({ ms: quantile(sorted, index / last), part: index / last }))
}

export const msTicks = (scale: Histogram['scale'], low: number, high: number): readonly number[] =>
  scale === 'log' ? logTicks(low, high) : niceTicks(low, high, 6)
