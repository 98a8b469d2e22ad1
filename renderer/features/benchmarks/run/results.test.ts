import { expect, it } from 'vitest'
import { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import { notesOf, sweptOptions, sweptWords } from './results.ts'

const aResult = (position: number, over: Partial<BenchmarkResult>): BenchmarkResult =>
  BenchmarkResult.parse({
    position,
    test: { type: 'generation', generatedTokens: 64, depth: 0 },
    unit: 'tokens/s',
    options: {},
    statistics: { count: 1, mean: 1, median: 1, min: 1, max: 1, standardDeviation: null, interval: null },
    serving: null,
    embedding: null,
    tokensPerJoule: null,
    memory: [],
    notes: [],
    measuredAt: 1,
    ...over,
  })

it('says of each result only the options that a sweep changed', () => {
  const on = aResult(0, { options: { threads: 4, contextLength: 4096, flashAttention: true } })
  const off = aResult(1, { options: { threads: 4, contextLength: 8192, flashAttention: false } })
  const unset = aResult(2, { options: { threads: 4 } })
  const swept = sweptOptions([on, off, unset])
  expect([...swept].sort()).toEqual(['contextLength', 'flashAttention'])
  expect(sweptWords(off, swept)).toBe('context 8,192 tokens · flash attention off')
  expect(sweptWords(unset, swept)).toBe('')
  expect(sweptOptions([on]).size).toBe(0)
  expect(sweptOptions([]).size).toBe(0)
})

it('says a note once', () => {
  expect(notesOf([aResult(0, { notes: ['warm', 'short'] }), aResult(1, { notes: ['warm'] })])).toEqual([
    'warm',
    'short',
  ])
})
