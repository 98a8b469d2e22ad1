import { expect, it } from 'vitest'
import { mostPoints } from '../charts/series.ts'
import { aResult, pp, tg } from '../testRun.ts'
import { sweepTests } from './sweep.ts'

const results = [4, 8, 16].flatMap((threads, row) =>
  (['q8_0', 'f16'] as const).map((kvCacheType, column) =>
    aResult(row * 2 + column, tg(0), threads === 8 ? 40 + column : 20 + column, {
      options: { threads, kvCacheType, contextLength: 4096 },
    }),
  ),
)

it('names the best combination by the options that differ, and how much it gains', () => {
  const [test] = sweepTests(results)
  expect(test?.name).toBe('tg128')
  expect(test?.bestWords).toBe('KV cache f16 · 8 threads')
  expect(test?.combinations).toBe(6)
  expect(test?.gain).toBeCloseTo(41 / 20 - 1)
})

it('has every combination and the best one for each value, in the order of the values', () => {
  const [test] = sweepTests(results)
  const threads = test?.options.find(({ option }) => option === 'threads')
  expect(threads?.values.map(({ label, best, isBest }) => [label, best, isBest])).toEqual([
    ['4', 21, false],
    ['8', 41, true],
    ['16', 21, false],
  ])
  expect(threads?.values[0]?.speeds).toEqual([20, 21])
  expect(test?.options.find(({ option }) => option === 'kvCacheType')?.values.map(({ label }) => label)).toEqual([
    'f16',
    'q8_0',
  ])
})

it('is no sweep without differing options, and generation comes before the prompt', () => {
  expect(sweepTests([aResult(0, tg(0), 40), aResult(1, tg(4096), 40)])).toEqual([])
  const both = [...results.map((result) => ({ ...result, test: pp(0) })), ...results]
  expect(sweepTests(both).map(({ name }) => name)).toEqual(['tg128', 'pp512'])
})

it('stays within what a chart can bear, and keeps what a provider chose for the last', () => {
  const many = Array.from({ length: 2000 }, (_, index) =>
    aResult(index, tg(0), index, {
      options: index % 2 === 0 ? { batchSize: 512, threads: (index % 20) + 1 } : { threads: (index % 20) + 1 },
    }),
  )
  const batch = sweepTests(many)[0]?.options.find(({ option }) => option === 'batchSize')
  expect(batch?.values.map(({ label }) => label)).toEqual(['512', 'own choice'])
  expect(batch?.values.reduce((sum, { speeds }) => sum + speeds.length, 0)).toBeLessThanOrEqual(mostPoints)
})
