import { describe, expect, it } from 'vitest'
import type { BenchmarkTrend } from '../../../../shared/contract/benchmarkAnswers.ts'
import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import { tg } from '../testRun.ts'
import { byInterest, mostTrendPoints, regressionsOf, trendsOf, versionsIn } from './trends.ts'

type Verdict = BenchmarkTrend['points'][number]['verdict']

const trend = (
  name: string,
  points: readonly (readonly [version: string | null, verdict: Verdict])[],
): BenchmarkTrend => ({
  name,
  test: tg(0),
  options: {},
  unit: 'tokens/s',
  points: points.map(([version, verdict], index) => ({
    benchmark: `b${index}` as BenchmarkId, // of a test, not of the catalog
    position: 0,
    at: index,
    version,
    value: 40,
    interval: null,
    verdict,
    relative: verdict === null ? null : -0.08,
  })),
})

describe('a model over time', () => {
  it('marks where another version was first measured', () => {
    const [only] = trendsOf([
      trend('tg128', [
        ['b1', null],
        ['b1', null],
        [null, null],
        ['b2', 'noise'],
        ['b1', 'noise'],
      ]),
    ])
    expect(only?.versions).toEqual([
      { at: 0, version: 'b1' },
      { at: 3, version: 'b2' },
      { at: 4, version: 'b1' },
    ])
  })
  it('counts the versions that one test was measured with', () => {
    const one = trend('a', [
      ['b1', null],
      ['b1', null],
    ])
    expect(versionsIn(trendsOf([one]))).toBe(1)
    expect(
      versionsIn(
        trendsOf([
          one,
          trend('b', [
            ['b1', null],
            ['b2', 'noise'],
            ['b1', 'noise'],
          ]),
        ]),
      ),
    ).toBe(2)
    expect(versionsIn([])).toBe(0)
  })
  it('says once for each version that it is worse', () => {
    const trends = trendsOf([
      trend('tg128', [
        ['b1', null],
        ['b2', 'worse'],
        ['b2', 'worse'],
        ['b3', 'worse'],
      ]),
    ])
    expect(regressionsOf(trends).map(({ point, isOver }) => [point.version, point.at, isOver])).toEqual([
      ['b3', 3, false],
      ['b2', 1, false],
    ])
  })
  it('knows when it was not seen any more', () => {
    const over = (points: Parameters<typeof trend>[1]) =>
      regressionsOf(trendsOf([trend('tg128', points)])).map(({ isOver }) => isOver)
    expect(
      over([
        ['b1', null],
        ['b2', 'worse'],
        ['b3', 'better'],
      ]),
    ).toEqual([true])
    expect(
      over([
        ['b1', null],
        ['b2', 'worse'],
        ['b2', 'noise'],
      ]),
    ).toEqual([true])
    expect(
      over([
        ['b1', null],
        ['b2', 'worse'],
        ['b2', 'worse'],
      ]),
    ).toEqual([false])
  })
  it('draws the newest points only, and what became worse first', () => {
    const long = trend(
      'long',
      Array.from({ length: 500 }, () => ['b1', null] as const),
    )
    const worse = trend('worse', [
      ['b1', null],
      ['b2', 'worse'],
    ])
    const single = trend('single', [['b1', null]])
    const trends = byInterest(trendsOf([single, long, worse]))
    expect(trends.map(({ title }) => title)).toEqual(['worse', 'long', 'single'])
    expect(trends[1]?.drawn.length).toBe(mostTrendPoints)
    expect(trends[1]?.drawn.at(-1)?.x).toBe(499)
  })
})
