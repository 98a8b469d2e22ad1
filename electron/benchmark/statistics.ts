import type { Percentiles, Statistics } from '../../shared/contract/benchmarkResults.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const meanOf = (values: readonly number[]): number => sum(values) / values.length

/** R-7 of Hyndman and Fan (1996), NumPy's `linear`. `sorted`: ascending, not empty; `part` 0–1. */
export const quantile = (sorted: ArrayLike<number>, part: number): number => {
  const at = (sorted.length - 1) * part
  const below = Math.floor(at)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN
  return low + (high - low) * (at - below)
}

/** Ascending; a typed array sorts numbers as numbers. */
export const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values).sort()

/** The part of Student's t between −t and t, for whole degrees of freedom. Abramowitz and Stegun 26.7.3, 26.7.4. */
const betweenT = (t: number, freedom: number): number => {
  const angle = Math.atan(t / Math.sqrt(freedom))
  const cosine2 = Math.cos(angle) ** 2
  const isOdd = freedom % 2 === 1
  let term = isOdd ? Math.cos(angle) : 1
  let series = freedom === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= (cosine2 * (k - 1)) / k
    series += term
  }
  const part = Math.sin(angle) * series
  return isOdd ? (2 / Math.PI) * (angle + part) : part
}

/** Student's t that 97.5 % lie below, so that 95 % lie between −t and t. Found by halving, to the last bits of a double. */
export const t975 = (freedom: number): number => {
  let low = 1.9
  let high = 13
  while (true) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (betweenT(middle, freedom) < 0.95) low = middle
    else high = middle
  }
}

/** `values` is not empty. */
export const statisticsOf = (values: readonly number[]): Statistics => {
  const sorted = ascending(values)
  const mean = meanOf(values)
  const count = values.length
  const deviation = count < 2 ? null : Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (count - 1))
  const half = deviation === null ? null : (t975(count - 1) * deviation) / Math.sqrt(count)
  return {
    count,
    mean,
    median: quantile(sorted, 0.5),
    min: sorted[0] ?? Number.NaN,
    max: sorted[count - 1] ?? Number.NaN,
    standardDeviation: deviation,
    interval: half === null ? null : { low: mean - half, high: mean + half },
  }
}

export const percentilesOf = (values: readonly number[]): Percentiles => percentilesOfSorted(ascending(values))

/** `sorted`: ascending, or empty. */
export const percentilesOfSorted = (sorted: Float64Array): Percentiles => {
  const count = sorted.length
  if (count === 0) return { count, mean: null, p50: null, p90: null, p95: null, p99: null, max: null }
  const at = (part: number) => quantile(sorted, part)
  return {
    count,
    mean: sorted.reduce((total, value) => total + value, 0) / count,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  }
}

/** Has it been repeated often enough? */
export const isSettled = (
  { count, mean, interval }: Statistics,
  { least, most, relativeError }: { least: number; most: number; relativeError: number },
): boolean =>
  count >= most ||
  (count >= least && interval !== null && (interval.high - interval.low) / 2 <= Math.abs(mean) * relativeError)
