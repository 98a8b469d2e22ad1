import { setImmediate } from 'node:timers/promises'
import { quantile, t975 } from '../statistics.ts'
import { drawnPercentile } from './orderStatistic.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

/** The mean, or a percentile as a part, e.g. 0.5. */
export type Statistic = 'mean' | number

/** Figures of one side, ascending. What came from one request belongs to one group, and is drawn together. */
export interface SampleSet {
  readonly values: Float64Array
  /** of each value, from 0 */
  readonly groups: Uint32Array
  readonly groupCount: number
  /** how many values each group has */
  readonly sizes: Uint32Array
}

/** Numbers from 0 up to 1, without 1. */
export type Random = () => number

export const mostSamples = 2_000
const mostResamples = 2_000
/** From so many values on, a percentile is drawn by its place in the resample, not by drawing all of that. */
const drawnByPlace = 500
/** The main thread is held for so many milliseconds at most, and a little more. */
const sliceMs = 5

/** Of more than `mostSamples`, one at random out of each of that many equal parts. */
export const sampleSet = (values: ArrayLike<number>, groups: ArrayLike<number> | null, random: Random): SampleSet => {
  const step = Math.max(1, values.length / mostSamples)
  const places = Array.from({ length: Math.min(values.length, mostSamples) }, (_, index) =>
    step === 1 ? index : Math.floor((index + random()) * step),
  )
  const order = places.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const numbers = new Map<number, number>()
  const numberOf = (group: number) => {
    const number = numbers.get(group) ?? numbers.size
    numbers.set(group, number)
    return number
  }
  const numbered = Uint32Array.from(order, (place) => numberOf(groups?.[place] ?? place))
  const sizes = new Uint32Array(numbers.size)
  for (const group of numbered) sizes[group] = (sizes[group] ?? 0) + 1
  return {
    values: Float64Array.from(order, (place) => values[place] ?? Number.NaN),
    groups: numbered,
    groupCount: numbers.size,
    sizes,
  }
}

const total = ({ values, sizes, groupCount }: SampleSet, counts: Uint32Array): number => {
  if (values.length === groupCount) return groupCount
  let sum = 0
  for (let group = 0; group < groupCount; group++) sum += (sizes[group] ?? 0) * (counts[group] ?? 0)
  return sum
}

const meanOf = (set: SampleSet, counts: Uint32Array): number => {
  const { values, groups } = set
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += (counts[groups[index] ?? 0] ?? 0) * (values[index] ?? 0)
  return sum / total(set, counts)
}

/** As `quantile` of a list that has each value as often as its group was drawn; walks from the end that is nearer. */
const percentileOf = (set: SampleSet, counts: Uint32Array, part: number): number => {
  const { values, groups } = set
  const last = total(set, counts) - 1
  const isFromBelow = part <= 0.5
  const at = last * (isFromBelow ? part : 1 - part)
  const whole = Math.floor(at)
  let seen = 0
  let near = Number.NaN
  for (let step = 0; step < values.length; step++) {
    const index = isFromBelow ? step : values.length - 1 - step
    seen += counts[groups[index] ?? 0] ?? 0
    if (seen <= whole) continue
    const value = values[index] ?? Number.NaN
    if (Number.isNaN(near)) near = value
    if (seen > whole + 1) return near + (value - near) * (at - whole)
  }
  return near
}

const resample = (set: SampleSet, statistic: Statistic, counts: Uint32Array, random: Random): number => {
  if (statistic !== 'mean' && set.groupCount >= drawnByPlace && set.groupCount === set.values.length)
    return drawnPercentile(set.values, statistic, random)
  counts.fill(0)
  for (let drawn = 0; drawn < set.groupCount; drawn++) {
    const group = Math.floor(random() * set.groupCount)
    counts[group] = (counts[group] ?? 0) + 1
  }
  return statistic === 'mean' ? meanOf(set, counts) : percentileOf(set, counts, statistic)
}

/** The part of the normal distribution above `z`, for z from 1.9. Abramowitz and Stegun 26.2.14. */
const above = (z: number): number => {
  let fraction = z
  for (let term = 200; term >= 1; term--) fraction = z + term / fraction
  return Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI) / fraction
}

/**
 * Which part of the resamples lies below the interval. For many samples 2.5 %; fewer make a bootstrap interval too narrow, so it
 * is widened: Hesterberg (2015), "What Teachers Should Know About the Bootstrap", the expanded percentile interval.
 */
export const tailPart = (count: number): number => above(Math.sqrt(count / (count - 1)) * t975(count - 1))

const leastFor = (statistic: Statistic): number =>
  statistic === 'mean' ? 3 : Math.max(3, Math.round(1 / (1 - statistic)))

/**
 * 95 % bootstrap interval of (second − first) / first, by resampling both sides. Works in slices, so that nothing else waits.
 *
 * null: too few to tell, that is fewer than three groups on a side. One has no spread at all, and two that lie close together
 * by chance would turn any difference into a finding. With three, about one in ten equal pairs still looks different; from
 * five on it is one in twenty. The highest percentiles need one group beyond them: 100 for the 99th.
 */
export const differenceInterval = async (
  { first, second, statistic }: { first: SampleSet; second: SampleSet; statistic: Statistic },
  random: Random,
  resamples = mostResamples,
): Promise<Interval | null> => {
  const count = Math.min(first.groupCount, second.groupCount)
  if (count < leastFor(statistic)) return null
  const [counts, others] = [new Uint32Array(first.groupCount), new Uint32Array(second.groupCount)]
  const differences = new Float64Array(Math.min(resamples, mostResamples))
  let since = performance.now()
  for (let index = 0; index < differences.length; index++) {
    const base = resample(first, statistic, counts, random)
    differences[index] = (resample(second, statistic, others, random) - base) / base
    if (performance.now() - since > sliceMs) {
      await setImmediate()
      since = performance.now()
    }
  }
  differences.sort()
  const tail = tailPart(count)
  const [low, high] = [quantile(differences, tail), quantile(differences, 1 - tail)]
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : null
}
