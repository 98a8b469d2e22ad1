import { describe, expect, it } from 'vitest'
import { aColumn, aResult, atOnce, pp, served, tg } from '../testRun.ts'
import {
  depthPanes,
  embeddingPanes,
  percentileLines,
  sharedLevels,
  testBars,
  throughputLines,
} from './compareSeries.ts'

const a = aColumn('a', 'A', [served(0, atOnce(1), 50, null), served(1, atOnce(8), 200, null)])
const b = aColumn('b', 'B', [served(0, atOnce(8), 300, null)])
const c = aColumn('c', 'C', [aResult(0, tg(0), 41), aResult(1, tg(4096), 36)])

describe('lines of several runs', () => {
  it('have one line a run, named by its letter', () => {
    expect(throughputLines([a, b, c], 'concurrency').map(({ id, name, points }) => [id, name, points.length])).toEqual([
      ['a', 'A', 2],
      ['b', 'B', 1],
    ])
    expect(throughputLines([a, b], 'rate')).toEqual([])
  })
  it('offers first the load that most runs measured', () => {
    expect(sharedLevels([a, b], 'concurrency')).toEqual([8, 1])
    expect(percentileLines([a, b], 'concurrency', 8, 'ttft').map(({ points }) => points.map(({ y }) => y))).toEqual([
      [50, 100, 150, 200],
      [50, 100, 150, 200],
    ])
    expect(percentileLines([a, b], 'concurrency', 1, 'ttft').map(({ id }) => id)).toEqual(['a'])
  })
  it('has a pane for each test that was measured at several depths', () => {
    const flat = aColumn('d', 'D', [aResult(0, { type: 'prompt', promptTokens: 512, depth: 0 }, 900)])
    const panes = depthPanes([c, flat])
    expect(panes.map(({ title }) => title)).toEqual(['Generating (tg), tg128'])
  })
})

describe('what has no depth to be drawn over', () => {
  const flat = (id: string, speed: number) =>
    aColumn(id, id.toUpperCase(), [aResult(0, pp(0), speed), aResult(1, pp(0), speed + 5)])
  it('stands as one bar for each run, the best of its combinations', () => {
    const bars = testBars([flat('a', 900), flat('b', 800)], [])
    expect(bars.map(({ test, results }) => [test, results.map(({ result }) => result.statistics.mean)])).toEqual([
      ['pp512', [905, 805]],
    ])
  })
  it('is left out where it is drawn already, or where one run alone has it', () => {
    expect(testBars([c, c], depthPanes([c, c]))).toEqual([])
    expect(testBars([flat('a', 900), c], depthPanes([c]))).toEqual([])
  })
  it('has batches for embeddings', () => {
    const embedding = aColumn('e', 'E', [aResult(0, { type: 'embedding', batchSize: 8, textTokens: 128 }, 300)])
    expect(embeddingPanes([embedding, c]).map(({ title, series }) => [title, series.length])).toEqual([
      ['Embedding, texts of 128 tokens', 1],
    ])
  })
})
