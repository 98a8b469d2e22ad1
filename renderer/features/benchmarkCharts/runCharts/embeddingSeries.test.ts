import { expect, it } from 'vitest'
import { aResult, percentiles, tg } from '../testRun.ts'
import { embeddingLatency, embeddingSpeed } from './embeddingSeries.ts'

const batch = (position: number, batchSize: number, textTokens: number, texts: number) =>
  aResult(position, { type: 'embedding', batchSize, textTokens }, texts, {
    embedding: { latencyMs: percentiles(batchSize), inputTokensPerSecond: null },
  })

it('has a line of texts per second for each length, by batch size', () => {
  const series = embeddingSpeed([
    batch(0, 8, 128, 300),
    batch(1, 1, 128, 60),
    batch(2, 1, 512, 20),
    aResult(3, tg(0), 40),
  ])
  expect(series.map(({ name, points }) => [name, points.map(({ x, y }) => [x, y])])).toEqual([
    [
      'texts of 128 tokens',
      [
        [1, 60],
        [8, 300],
      ],
    ],
    ['texts of 512 tokens', [[1, 20]]],
  ])
})

it('has the percentiles of the first length, and none where nothing was timed', () => {
  const series = embeddingLatency([batch(0, 8, 128, 300), batch(1, 1, 512, 60)])
  expect(series.map(({ name, points }) => [name, points[0]?.y])).toEqual([
    ['p50', 8],
    ['p95', 24],
    ['p99', 32],
  ])
  expect(embeddingLatency([{ ...batch(0, 8, 128, 300), embedding: null }])).toEqual([])
})
