import { describe, expect, it } from 'vitest'
import type { FastestModel } from '../../../../shared/contract/benchmarkAnswers.ts'
import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import {
  askedOf,
  contextFault,
  depthRemark,
  firstQuestion,
  gibFault,
  gibOf,
  memoryText,
  recommendation,
} from './fastestQuestion.ts'

const gib = 1024 ** 3
const model = (name: string, tokensPerSecond: number, over: Partial<FastestModel> = {}): FastestModel => ({
  model: name,
  available: true,
  benchmark: 'b' as BenchmarkId, // of a test, not of the catalog
  position: 0,
  tokensPerSecond,
  measuredDepth: 0,
  memoryBytes: 5.6 * gib,
  memorySource: 'measured',
  contextLength: 8192,
  quantization: 'Q4_K_M',
  parameterCount: null,
  options: {},
  ...over,
})

describe('the question', () => {
  it('begins with what is free now, rounded down so that it fits, and 8k', () => {
    const memory = { freeBytes: 15.3 * gib, totalBytes: 24 * gib, where: 'the GPU' }
    expect(firstQuestion(memory)).toEqual({ gib: 15, contextTokens: 8192 })
    expect(firstQuestion({ ...memory, freeBytes: null }).gib).toBe(24)
    expect(firstQuestion(null)).toEqual({ gib: '', contextTokens: 8192 })
    expect(gibOf(0.49 * gib)).toBe(0.4)
  })
  it('is asked in bytes and whole tokens; an empty field asks for any', () => {
    expect(askedOf({ gib: 12, contextTokens: 16_384 })).toEqual({ memoryBytes: 12 * gib, contextLength: 16_384 })
    expect(askedOf({ gib: '', contextTokens: '' })).toEqual({})
    expect(askedOf({ gib: 0, contextTokens: 1 })).toBeNull()
    expect(askedOf({ gib: Number.NaN, contextTokens: 1 })).toBeNull()
    expect(askedOf({ gib: 1, contextTokens: 1.5 })).toBeNull()
  })
  it('says at the field what cannot be asked', () => {
    expect(gibFault({ gib: 900_001 })).toBe('More than 0, at most 900,000.')
    expect(gibFault({ gib: Number.NaN })).not.toBeNull()
    expect(gibFault({ gib: '' })).toBeNull()
    expect(contextFault({ contextTokens: 0 })).toBe('A whole number from 1 to 16,777,216.')
    expect(contextFault({ contextTokens: 8192 })).toBeNull()
  })
})

describe('the recommendation', () => {
  const question = { gib: 12, contextTokens: 16_384 } as const
  const named = (id: string) => id.split('/')[1] ?? id
  it('names the fastest that can be asked now, and how far ahead it is', () => {
    const text = recommendation(
      [model('a/gone', 200, { available: false }), model('a/qwen', 120), model('a/gemma', 100)],
      question,
      named,
    )
    expect(text).toBe(
      'qwen in Q4_K_M is the fastest within 12 GiB at 16,384 tokens of context: 120 tok/s with 5.6 GiB, 20 % faster than gemma.',
    )
  })
  it('recommends nothing that is no longer here', () => {
    expect(recommendation([model('a/gone', 200, { available: false })], question, named)).toContain('no longer here')
  })
  it('marks estimates, and speeds of a context that was not full', () => {
    expect(memoryText(model('a/qwen', 1, { memorySource: 'estimated' }))).toBe('≈ 5.6 GiB')
    expect(depthRemark({ measuredDepth: 0 }, question)).toContain('an empty context')
    expect(depthRemark({ measuredDepth: 16_000 }, question)).toBeNull()
    expect(depthRemark({ measuredDepth: 0 }, { gib: '', contextTokens: '' })).toBeNull()
  })
})
