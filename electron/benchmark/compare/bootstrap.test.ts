import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { randomNumbers } from '../randomNumbers.ts'
import { quantile } from '../statistics.ts'
import { differenceInterval, type Interval, mostSamples, type Statistic, sampleSet, tailPart } from './bootstrap.ts'
import { drawnPercentile } from './orderStatistic.ts'

interface Reference {
  readonly statistic: 'mean' | 'median' | 'p99'
  readonly first: readonly number[]
  readonly second: readonly number[]
  readonly drawn: readonly (readonly [readonly number[], readonly number[]])[]
  readonly interval: Interval
}
const file = new URL('../../../test/fixtures/statistics/bootstrap.json', import.meta.url)
const { cases }: { cases: Reference[] } = JSON.parse(readFileSync(file, 'utf8'))

const parts = { mean: 'mean', median: 0.5, p99: 0.99 } as const

/** Answers what NumPy drew: first the places of the one side, then those of the other. */
const asDrawn = ({ first, second, drawn }: Reference) => {
  const places = drawn.flatMap(([one, other]) => [
    ...one.map((place) => (place + 0.5) / first.length),
    ...other.map((place) => (place + 0.5) / second.length),
  ])
  let next = 0
  return () => places[next++] ?? Number.NaN
}

const normal = (random: () => number, mean: number, deviation: number): number =>
  mean + deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

const many = (count: number, make: () => number) => Array.from({ length: count }, make)

/** How many of `trials` pairs are told apart. */
const toldApart = async (
  trials: number,
  make: (random: () => number) => [number[], number[]],
  statistic: Statistic,
) => {
  const random = randomNumbers(11)
  let found = 0
  for (let trial = 0; trial < trials; trial++) {
    const [first, second] = make(random).map((values) => sampleSet(values, null, random))
    if (!first || !second) throw new Error('two sets are needed')
    const interval = await differenceInterval({ first, second, statistic }, random, 400)
    if (interval && (interval.low > 0 || interval.high < 0)) found++
  }
  return found / trials
}

describe('the interval of a difference', () => {
  it.each(cases.map((one) => [one.statistic, one] as const))('of the %s is that of NumPy', async (_, reference) => {
    const random = asDrawn(reference)
    const [first, second] = [sampleSet(reference.first, null, random), sampleSet(reference.second, null, random)]
    const found = await differenceInterval(
      { first, second, statistic: parts[reference.statistic] },
      random,
      reference.drawn.length,
    )
    expect(Math.abs((found?.low ?? 0) / reference.interval.low - 1)).toBeLessThan(1e-9)
    expect(Math.abs((found?.high ?? 0) / reference.interval.high - 1)).toBeLessThan(1e-9)
  })

  it('is the same for the same numbers', async () => {
    const measure = () => {
      const random = randomNumbers(3)
      const [first, second] = [sampleSet([1, 2, 3, 4], null, random), sampleSet([2, 3, 4, 6], null, random)]
      return differenceInterval({ first, second, statistic: 'mean' }, random)
    }
    expect(await measure()).toEqual(await measure())
  })

  it('is wider where there are few samples', () => {
    expect(tailPart(5)).toBeLessThan(0.001)
    expect(tailPart(2000)).toBeGreaterThan(0.0248)
    expect(tailPart(2000)).toBeLessThan(0.025)
  })

  it('holds 0 for about 95 of 100 pairs of the same distribution', async () => {
    for (const count of [5, 20]) {
      const apart = await toldApart(
        1000,
        (random) => [many(count, () => normal(random, 50, 1)), many(count, () => normal(random, 50, 1))],
        'mean',
      )
      expect(apart).toBeGreaterThan(0.025)
      expect(apart).toBeLessThan(0.075)
    }
  })

  it('leaves out 0 where one is 10 % faster and 2 % noise is on both', async () => {
    const make = (random: () => number): [number[], number[]] => [
      many(5, () => normal(random, 50, 1)),
      many(5, () => normal(random, 55, 1.1)),
    ]
    expect(await toldApart(200, make, 'mean')).toBeGreaterThan(0.99)
    expect(await toldApart(200, make, 0.5)).toBeGreaterThan(0.8)
  })

  it('is not told by fewer than three samples on a side, nor a 99th percentile by fewer than 100', async () => {
    const random = randomNumbers(1)
    const set = (count: number, groups: number[] | null = null) =>
      sampleSet(
        many(count, () => 1 + random()),
        groups,
        random,
      )
    const [two, three, many99, many100] = [set(2), set(3), set(99), set(100)]
    const told = async (first: typeof two, second: typeof two, statistic: Statistic) =>
      (await differenceInterval({ first, second, statistic }, random, 50)) !== null
    expect(await told(two, three, 'mean')).toBe(false)
    expect(await told(three, two, 0.5)).toBe(false)
    expect(await told(three, three, 0.5)).toBe(true)
    expect(await told(many99, many100, 0.99)).toBe(false)
    expect(await told(many100, many100, 0.99)).toBe(true)
    expect(await told(set(6, [1, 1, 1, 2, 2, 2]), three, 'mean')).toBe(false)
  })

  it('is not told beside nothing', async () => {
    const random = randomNumbers(1)
    const first = sampleSet([0, 0, 0], null, random)
    expect(await differenceInterval({ first, second: first, statistic: 'mean' }, random)).toBeNull()
  })
})

describe('samples', () => {
  it('of one request are drawn together', async () => {
    const random = randomNumbers(5)
    const values = many(40, () => random())
    const groups = values.map((_, index) => index % 8)
    const set = sampleSet(values, groups, random)
    expect(set.groupCount).toBe(8)
    // the same by hand: groups are numbered as their first values come, ascending
    const places = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
    const numbered = [...new Set(places.map((place) => place % 8))]
    const draws = many(2 * 8 * 50, () => random())
    const statistic = (from: number) => {
      const drawn = draws.slice(from, from + 8).map((at) => numbered[Math.floor(at * 8)])
      const taken = drawn.flatMap((group) => values.filter((_, index) => groups[index] === group))
      return quantile(Float64Array.from(taken).sort(), 0.75)
    }
    const differences = Float64Array.from(
      { length: 50 },
      (_, index) => statistic(index * 16 + 8) / statistic(index * 16) - 1,
    )
    differences.sort()
    let next = 0
    const found = await differenceInterval({ first: set, second: set, statistic: 0.75 }, () => draws[next++] ?? 0, 50)
    expect(found?.low).toBeCloseTo(quantile(differences, tailPart(8)), 12)
    expect(found?.high).toBeCloseTo(quantile(differences, 1 - tailPart(8)), 12)
  })

  it('are bounded, and what is left has the same spread', () => {
    const random = randomNumbers(9)
    const values = many(50_000, () => normal(random, 10, 2))
    const { values: kept, groupCount } = sampleSet(values, null, random)
    expect(kept).toHaveLength(mostSamples)
    expect(groupCount).toBe(mostSamples)
    expect(quantile(kept, 0.5)).toBeCloseTo(10, 0)
    expect(quantile(kept, 0.9)).toBeCloseTo(10 + 2 * 1.2816, 0)
  })
})

it.each([0.5, 0.99])('many single values give the same spread of percentile %d as when all are drawn', async (part) => {
  const random = randomNumbers(21)
  const values = many(501, () => Math.exp(normal(random, 0, 1)))
  const alone = sampleSet(values, null, random)
  const drawn = Float64Array.from({ length: 20_000 }, () =>
    quantile(Float64Array.from(values, () => values[Math.floor(random() * 501)] ?? Number.NaN).sort(), part),
  ).sort()
  const placed = Float64Array.from({ length: 20_000 }, () => drawnPercentile(alone.values, part, random)).sort()
  for (const at of [0.025, 0.25, 0.5, 0.75, 0.975]) {
    const [expected, found] = [quantile(drawn, at), quantile(placed, at)]
    expect(Math.abs(found / expected - 1), `${at}`).toBeLessThan(0.02)
  }
})

it('the largest comparison lets others work meanwhile', async () => {
  const random = randomNumbers(2)
  const make = () =>
    sampleSet(
      many(mostSamples, () => 1 + random()),
      null,
      random,
    )
  const [first, second] = [make(), make()]
  let isDone = false
  const work = differenceInterval({ first, second, statistic: 'mean' }, random).then(() => {
    isDone = true
  })
  let turns = 0
  while (!isDone) {
    await setImmediate()
    turns++
  }
  await work
  expect(turns).toBeGreaterThan(5)
})
