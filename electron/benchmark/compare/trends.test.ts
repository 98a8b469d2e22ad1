import { describe, expect, it } from 'vitest'
import type { BenchmarkTest } from '../../../shared/contract/benchmarkResults.ts'
import type { Benchmark } from '../../../shared/contract/benchmarks.ts'
import { repeated, testRecord, testRun, testRuns } from './testRun.ts'
import { trendsOf } from './trends.ts'

const run = (id: string, version: string | null, change: Partial<Benchmark> = {}) =>
  testRun(id, { record: testRecord(version), ...change })

const speed = (mean: number, at: number, change = {}) =>
  repeated([mean - 0.2, mean - 0.1, mean, mean + 0.1, mean + 0.2], { measuredAt: at, ...change })

const trends = (...parts: Parameters<typeof testRuns>) => {
  const { runs, loadSamples } = testRuns(...parts)
  return trendsOf(
    runs.map(({ benchmark }) => benchmark),
    ({ benchmark }) => runs.find((one) => one.benchmark.benchmark === benchmark)?.results ?? [],
    loadSamples,
  )
}

describe('the history of a model', () => {
  it('marks what became slower than with the version before, and what became faster', async () => {
    const [trend, ...others] = await trends(
      [run('a', 'b1'), [speed(50, 1)]],
      [run('b', 'b1'), [speed(50.2, 2)]],
      [run('c', 'b2'), [speed(45, 3)]],
      [run('d', 'b2'), [speed(45.1, 4)]],
      [run('e', 'b3'), [speed(45.2, 5)]],
      [run('f', 'b4'), [speed(60, 6)]],
    )
    expect(others).toEqual([])
    expect(trend).toMatchObject({ name: 'tg128', unit: 'tokens/s', options: {} })
    expect(trend?.points.map(({ version, verdict }) => [version, verdict])).toEqual([
      ['b1', null],
      ['b1', null],
      ['b2', 'worse'],
      ['b2', 'worse'],
      ['b3', 'noise'],
      ['b4', 'better'],
    ])
    expect(trend?.points[2]).toMatchObject({ benchmark: 'c', position: 0, at: 3, value: 45 })
    expect(trend?.points[2]?.relative).toBeCloseTo(45 / 50.1 - 1, 9)
    expect(trend?.points[2]?.interval?.low).toBeLessThan(45)
  })

  it('is in the order of time, and says nothing of a version that is not told', async () => {
    const [trend] = await trends(
      [run('late', 'b2'), [speed(45, 9)]],
      [run('early', 'b1'), [speed(50, 1)]],
      [run('unknown', null), [speed(20, 5)]],
    )
    expect(trend?.points.map(({ benchmark, verdict }) => [benchmark, verdict])).toEqual([
      ['early', null],
      ['unknown', null],
      ['late', 'worse'],
    ])
  })

  it('does not judge by fewer than three samples', async () => {
    const [trend] = await trends(
      [run('a', 'b1'), [repeated([50, 51], { measuredAt: 1 })]],
      [run('b', 'b2'), [repeated([20, 21], { measuredAt: 2 })]],
    )
    expect(trend?.points.map(({ verdict }) => verdict)).toEqual([null, 'unknown'])
  })

  it('has a line for each set of options, each provider, each machine and what was imported', async () => {
    const elsewhere = { record: testRecord('b1', { cpu: 'Another CPU' }) }
    const all = await trends(
      [run('a', 'b1'), [speed(50, 1, { options: { threads: 4 } }), speed(50, 1, { options: { threads: 8 } })]],
      [run('b', 'b1', { provider: 'server' }), [speed(50, 1, { options: { threads: 4 } })]],
      [run('c', 'b1', { source: 'llama-bench' }), [speed(50, 1, { options: { threads: 4 } })]],
      [run('d', 'b1', elsewhere), [speed(50, 1, { options: { threads: 4 } })]],
      [run('e', 'b1'), [speed(50, 1, { options: { threads: 4, keepAlive: 60 } })]],
    )
    expect(all.map(({ name, points }) => [name, points.length])).toEqual([
      ['tg128, threads 4, embedded, A CPU', 2],
      ['tg128, threads 8, embedded, A CPU', 1],
      ['tg128, threads 4, server, A CPU', 1],
      ['tg128, threads 4, embedded, imported, A CPU', 1],
      ['tg128, threads 4, embedded, Another CPU', 1],
    ])
  })

  it('follows the throughput of a load, and no step of a search', async () => {
    const load = (search: boolean): BenchmarkTest => ({
      type: 'serving',
      load: { by: 'rate', requestsPerSecond: 2.5 },
      promptTokens: 128,
      outputTokens: 64,
      search,
    })
    const all = await trends([
      run('a', 'b1'),
      [speed(50, 1, { test: load(false) }), speed(50, 1, { test: load(true) })],
    ])
    expect(all.map(({ name }) => name)).toEqual(['2.5 requests/s, 128 → 64 tokens'])
  })

  it('of nothing is empty', async () => {
    expect(await trends()).toEqual([])
  })
})
