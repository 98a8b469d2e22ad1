import { describe, expect, it } from 'vitest'
import { atOnce, percentiles, served } from '../testRun.ts'
import { highestLoad, ladders, latencySeries, limitOf, requestSeries, throughputSeries } from './servingSeries.ts'

const ladderOf = (...results: ReturnType<typeof served>[]) => {
  const [ladder] = ladders(results)
  if (ladder === undefined) throw new Error('no ladder')
  return ladder
}

describe('the loads of a run', () => {
  it('keeps requests at once and requests per second apart, lightest first', () => {
    const all = ladders([
      served(0, atOnce(8), 300, null),
      served(1, { by: 'rate', requestsPerSecond: 2 }, 100, null),
      served(2, atOnce(1), 50, null),
    ])
    expect(all.map(({ by, results }) => [by, results.map(({ position }) => position)])).toEqual([
      ['concurrency', [2, 0]],
      ['rate', [1]],
    ])
  })
  it('draws throughput, latencies and goodput, and leaves out what nobody counted', () => {
    const ladder = ladderOf(served(0, atOnce(1), 50, 1), served(1, atOnce(2), 90, 0.5))
    expect(throughputSeries(ladder)[0]?.points.map(({ x, y }) => [x, y])).toEqual([
      [1, 50],
      [2, 90],
    ])
    expect(latencySeries(ladder, 'ttft').map(({ name, points }) => [name, points[0]?.y])).toEqual([
      ['p50', 50],
      ['p95', 150],
      ['p99', 200],
    ])
    expect(requestSeries(ladder).map(({ id, points }) => [id, points.at(-1)?.y])).toEqual([
      ['all', 10],
      ['good', 5],
    ])
    const uncounted = ladderOf(
      served(0, atOnce(1), 50, null, {
        outputTokensPerSecond: null,
        itlMs: { ...percentiles(1), p50: null, p95: null, p99: null },
      }),
    )
    expect(throughputSeries(uncounted)).toEqual([])
    expect(latencySeries(uncounted, 'itl')).toEqual([])
    expect(requestSeries(uncounted).map(({ id }) => id)).toEqual(['all'])
  })
  it('shows the limit of the latency that is looked at', () => {
    expect(limitOf({ ttftMs: 500 }, 'ttft')).toEqual([{ y: 500, name: 'limit 500 ms' }])
    expect(limitOf({ ttftMs: 500 }, 'e2e')).toEqual([])
    expect(limitOf(null, 'ttft')).toEqual([])
  })
})

describe('the highest load within the limits', () => {
  it('is the last before one that did not keep them', () => {
    const highest = highestLoad(
      ladderOf(
        served(0, atOnce(1), 1, 1),
        served(1, atOnce(4), 1, 0.96),
        served(2, atOnce(8), 1, 0.5),
        served(3, atOnce(16), 1, 0.99),
      ),
    )
    expect(highest?.found?.position).toBe(1)
    expect(highest?.text).toContain('4 at once, where 96 %')
  })
  it('is said to be none, and is not asked for without limits', () => {
    expect(highestLoad(ladderOf(served(0, atOnce(1), 1, 0.9)))?.text).toContain('At no load')
    expect(highestLoad(ladderOf(served(0, atOnce(1), 1, null)))).toBeNull()
  })
  it('takes the later answer where the search came to a load again', () => {
    const highest = highestLoad(ladderOf(served(0, atOnce(4), 1, 1), served(1, atOnce(4), 1, 0.2)))
    expect(highest?.found).toBeNull()
  })
})
