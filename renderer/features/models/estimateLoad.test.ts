import { describe, expect, it } from 'vitest'
import { cacheElementsPerToken, estimateLoad } from './estimateLoad.ts'

const MiB = 2 ** 20
const metadata = (facts: Record<string, string>) =>
  Object.entries(facts).map(([key, value]) => ({ key, type: 'uint32', value }))

/** Geometry of Llama 3.1 8B, whose cache llama.cpp plans as 512 MiB at 4,096 tokens in f16. */
const llama = metadata({
  'general.architecture': 'llama',
  'llama.block_count': '32',
  'llama.embedding_length': '4096',
  'llama.attention.head_count': '32',
  'llama.attention.head_count_kv': '8',
})

describe('the cost of context', () => {
  it('is what llama.cpp plans for full attention', () => {
    const elements = cacheElementsPerToken(llama)
    expect((elements ?? 0) * 2 * 4096).toBe(512 * MiB)
    expect((elements ?? 0) * 2 * 131_072).toBe(16_384 * MiB)
  })
  it('takes head sizes from the file where they differ from width over heads', () => {
    const qwen = metadata({
      'qwen3.block_count': '28',
      'qwen3.embedding_length': '1024',
      'qwen3.attention.head_count': '16',
      'qwen3.attention.head_count_kv': '8',
      'qwen3.attention.key_length': '128',
      'qwen3.attention.value_length': '128',
    })
    expect((cacheElementsPerToken(qwen) ?? 0) * 2 * 4096).toBe(448 * MiB)
  })
  it('is not guessed for windows, compressed or recurrent caches, arrays and missing numbers', () => {
    expect(cacheElementsPerToken([...llama, ...metadata({ 'gemma3.attention.sliding_window': '512' })])).toBeNull()
    expect(cacheElementsPerToken([...llama, ...metadata({ 'deepseek2.attention.key_length_mla': '192' })])).toBeNull()
    expect(cacheElementsPerToken([...llama, ...metadata({ 'jamba.ssm.conv_kernel': '4' })])).toBeNull()
    expect(cacheElementsPerToken(llama.map((entry) => ({ ...entry, value: '[8, 8]' })))).toBeNull()
    expect(cacheElementsPerToken([])).toBeNull()
  })
})

describe('the estimate of a load', () => {
  const elements = cacheElementsPerToken(llama)
  const model = { estimatedBytes: 6000 * MiB }
  const estimate = (form: Parameters<typeof estimateLoad>[3]) => estimateLoad(model, elements, 4096, form)

  it('is that of the defaults when nothing is changed', () => {
    expect(estimate({ contextLength: null, kvCacheType: null }).bytes).toBe(6000 * MiB)
  })
  it('moves with the context and the cache type', () => {
    expect(estimate({ contextLength: 8192, kvCacheType: null }).bytes).toBe(6512 * MiB)
    expect(estimate({ contextLength: null, kvCacheType: 'q8_0' }).bytes).toBe((6000 - 512 + 272) * MiB)
    expect(estimate({ contextLength: 8192, kvCacheType: null }).bytesPer1024Tokens).toBe(128 * MiB)
  })
  it('stays that of the defaults, and says so, where the cost is not known', () => {
    expect(estimateLoad(model, null, 4096, { contextLength: 8192, kvCacheType: null })).toEqual({
      bytes: 6000 * MiB,
      bytesPer1024Tokens: null,
      exact: false,
    })
  })
  it('is unknown when the defaults are', () => {
    const unknown = estimateLoad({ estimatedBytes: null }, elements, 4096, { contextLength: 8192, kvCacheType: null })
    expect(unknown.bytes).toBeNull()
  })
})
