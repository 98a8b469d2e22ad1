import { describe, expect, it } from 'vitest'
import { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import type { MeasuredSpeed } from '../../catalog/benchmarkSpeed.ts'
import { fastestModels } from './fastest.ts'

const speed = (model: string, tokensPerSecond: number, change: Partial<MeasuredSpeed> = {}): MeasuredSpeed => ({
  model,
  benchmark: BenchmarkId.parse('a'),
  position: 0,
  tokensPerSecond,
  depth: 0,
  contextLength: 16384,
  peakBytes: 8e9,
  options: { contextLength: change.contextLength ?? 16384, threads: 4 },
  quantization: 'Q4_K_M',
  parameterCount: 8e9,
  ...change,
})

/** A megabyte for each token of context. */
const estimateBytes = (_: string, { contextLength }: LoadOptions) =>
  contextLength === undefined ? null : contextLength * 1e6
const deps = { isAvailable: (model: string) => model !== 'gone', estimateBytes }
const within = (memoryBytes: number | null, contextLength: number | null, limit = 9) => ({
  memoryBytes,
  contextLength,
  limit,
})
const told = (speeds: MeasuredSpeed[], question: ReturnType<typeof within>) =>
  fastestModels(speeds, question, deps).map(({ model, memorySource, memoryBytes, contextLength }) => [
    model,
    memorySource,
    memoryBytes,
    contextLength,
  ])

describe('the fastest models', () => {
  it('are what was measured at that context or more, and fits', () => {
    const [model] = fastestModels([speed('m', 50, { depth: 8192 })], within(12e9, 8192), deps)
    expect(model).toEqual({
      model: 'm',
      available: true,
      benchmark: 'a',
      position: 0,
      tokensPerSecond: 50,
      measuredDepth: 8192,
      memoryBytes: 8e9,
      memorySource: 'measured',
      contextLength: 16384,
      quantization: 'Q4_K_M',
      parameterCount: 8e9,
      options: { contextLength: 16384, threads: 4 },
    })
  })

  it('else what is computed for that context, with the options to load it so', () => {
    const small = speed('m', 50, { contextLength: 4096 })
    expect(told([small], within(12e9, 8192))).toEqual([['m', 'estimated', 8192e6, 8192]])
    expect(fastestModels([small], within(null, 8192), deps)[0]?.options).toEqual({ contextLength: 8192, threads: 4 })
    expect(told([small], within(8e9, 8192))).toEqual([])
    expect(told([speed('m', 50, { peakBytes: null })], within(12e9, 8192))).toEqual([['m', 'estimated', 8192e6, 8192]])
  })

  it('one that took too much at a longer context may fit at the asked one, not at the very same', () => {
    const large = speed('m', 50, { peakBytes: 14e9 })
    expect(told([large], within(12e9, 8192))).toEqual([['m', 'estimated', 8192e6, 8192]])
    expect(told([large], within(12e9, 16384))).toEqual([])
    expect(told([large], within(12e9, null))).toEqual([])
  })

  it('leave out what cannot be computed', () => {
    const unknown = { ...speed('m', 50), peakBytes: null, contextLength: null, options: {} }
    expect(told([unknown], within(12e9, null))).toEqual([])
    expect(fastestModels([unknown], within(null, 4096), { ...deps, estimateBytes: () => null })).toEqual([])
  })

  it('stand once each, with their fastest options that fit, and say which are gone', () => {
    const speeds = [
      speed('m', 60, { peakBytes: 20e9 }),
      speed('gone', 55),
      speed('m', 50),
      speed('m', 45),
      speed('n', 40),
    ]
    const found = fastestModels(speeds, within(12e9, 16384), deps)
    expect(found.map(({ model, tokensPerSecond, available }) => [model, tokensPerSecond, available])).toEqual([
      ['gone', 55, false],
      ['m', 50, true],
      ['n', 40, true],
    ])
    expect(fastestModels(speeds, within(12e9, 16384, 2), deps)).toHaveLength(2)
  })

  it('are those that are there; those that are gone stand between them only where places are left', () => {
    const isAvailable = (model: string) => !model.startsWith('gone')
    const all = [speed('gone1', 90), speed('a', 80), speed('gone2', 70), speed('a', 60), speed('b', 50), speed('c', 40)]
    const models = (limit: number) =>
      fastestModels(all, within(null, null, limit), { ...deps, isAvailable }).map(({ model }) => model)
    expect(models(2)).toEqual(['a', 'b'])
    expect(models(4)).toEqual(['gone1', 'a', 'b', 'c'])
    expect(models(9)).toEqual(['gone1', 'a', 'gone2', 'b', 'c'])
  })
})
