import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Statistics } from '../../shared/contract/benchmarkResults.ts'
import { ascending, isSettled, percentilesOf, quantile, statisticsOf, t975 } from './statistics.ts'

type Reference = Omit<Statistics, 'count'> & {
  readonly kind: string
  readonly values: readonly number[]
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
}

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../test/fixtures/statistics/${name}.json`, import.meta.url), 'utf8'))
const { sets }: { sets: Reference[] } = fixture('statistics')
const { t975: reference }: { t975: number[] } = fixture('studentsT')

/** Same to 1e-9 of the reference. */
const same = (found: number | null, expected: number | null) => {
  if (expected === null || found === null) expect(found).toBe(expected)
  else if (expected === 0) expect(Math.abs(found)).toBeLessThan(1e-300)
  else expect(Math.abs((found - expected) / expected)).toBeLessThan(1e-9)
}

describe('statistics', () => {
  it('there are enough sets to compare with, of 1 to 5000 samples', () => {
    expect(sets.length).toBeGreaterThanOrEqual(30)
    expect(Math.min(...sets.map(({ values }) => values.length))).toBe(1)
    expect(Math.max(...sets.map(({ values }) => values.length))).toBe(5000)
  })

  it.each(sets.map((set) => [`${set.values.length} ${set.kind}`, set] as const))(
    'are those of NumPy for %s',
    (_, set) => {
      const found = statisticsOf(set.values)
      expect(found.count).toBe(set.values.length)
      same(found.mean, set.mean)
      same(found.median, set.median)
      expect([found.min, found.max]).toEqual([set.min, set.max])
      same(found.standardDeviation, set.standardDeviation)
      same(found.interval?.low ?? null, set.interval?.low ?? null)
      same(found.interval?.high ?? null, set.interval?.high ?? null)
      const percentiles = percentilesOf(set.values)
      same(percentiles.mean, set.mean)
      same(percentiles.p50, set.p50)
      same(percentiles.p90, set.p90)
      same(percentiles.p95, set.p95)
      same(percentiles.p99, set.p99)
      expect([percentiles.count, percentiles.max]).toEqual([set.values.length, set.max])
    },
  )

  it('do not depend on the order of the samples', () => {
    for (const { values, median, p90 } of sets) {
      const backwards = ascending([...values].reverse())
      same(quantile(backwards, 0.5), median)
      same(quantile(backwards, 0.9), p90)
    }
  })

  it('of nothing are unknown', () => {
    expect(percentilesOf([])).toEqual({ count: 0, mean: null, p50: null, p90: null, p95: null, p99: null, max: null })
  })
})

describe("Student's t", () => {
  it('is that of the incomplete beta function for 1 to 1000 degrees of freedom', () => {
    expect(reference).toHaveLength(1000)
    reference.forEach((expected, index) => {
      same(t975(index + 1), expected)
    })
  })

  it('comes near to the normal distribution for more', () => {
    expect(t975(9999)).toBeGreaterThan(1.959964)
    expect(t975(9999)).toBeLessThan(1.9604)
  })
})

describe('repeating ends', () => {
  const rule = { least: 3, most: 5, relativeError: 0.05 }
  it('when the interval is narrow enough, not before the least and not after the most', () => {
    expect(isSettled(statisticsOf([10, 10]), rule)).toBe(false)
    expect(isSettled(statisticsOf([10, 10, 10]), rule)).toBe(true)
    expect(isSettled(statisticsOf([10, 12, 8]), rule)).toBe(false)
    expect(isSettled(statisticsOf([10, 12, 8, 11, 9]), rule)).toBe(true)
  })

  it('with one sample only when no more are asked for', () => {
    expect(isSettled(statisticsOf([10]), { ...rule, least: 1 })).toBe(false)
    expect(isSettled(statisticsOf([10]), { ...rule, least: 1, most: 1 })).toBe(true)
  })
})
