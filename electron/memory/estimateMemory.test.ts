import { describe, expect, it } from 'vitest'
import { estimateMemory, type MemoryFacts } from './estimateMemory.ts'

const mib = 1024 ** 2
const none = {
  keyLength: null,
  valueLength: null,
  keyLengthMla: null,
  kvLoraRank: null,
  ropeDimensionCount: null,
  slidingWindow: null,
  slidingWindowPattern: null,
  expertUsedCount: null,
  expertFeedForwardLength: null,
  fullAttentionInterval: null,
  recurrentLayers: null,
  ssmInnerSize: null,
  wkvHeadSize: null,
  shortconvCache: null,
  kdaHeadDim: null,
  poolingType: null,
  causalAttention: null,
}
type Geometry = NonNullable<MemoryFacts['geometry']>

const facts = (architecture: string, geometry: Partial<Geometry>): MemoryFacts => ({
  architecture,
  contextLength: 131_072,
  geometry: {
    ...none,
    blockCount: null,
    embeddingLength: null,
    feedForwardLength: null,
    headCount: null,
    headCountKv: null,
    weights: { total: 0 },
    ...geometry,
  },
})
const llama8b = facts('llama', {
  blockCount: 32,
  embeddingLength: 4096,
  headCount: 32,
  headCountKv: 8,
  feedForwardLength: 14_336,
})
const gemma12b = facts('gemma3', {
  blockCount: 48,
  embeddingLength: 3840,
  headCount: 16,
  headCountKv: 8,
  keyLength: 256,
  valueLength: 256,
  feedForwardLength: 15_360,
  slidingWindow: 1024,
  slidingWindowPattern: 6,
})
const deepseekV3 = facts('deepseek2', {
  blockCount: 61,
  embeddingLength: 7168,
  headCount: 128,
  headCountKv: 1,
  keyLength: 576,
  valueLength: 512,
  keyLengthMla: 192,
  kvLoraRank: 512,
  ropeDimensionCount: 64,
  feedForwardLength: 18_432,
})

// Figures in MiB are what llama.cpp's planner printed for these geometries.
describe('the memory estimate', () => {
  it.each([
    ['Llama 3.1 8B at 4k', llama8b, 4096, 'f16', 512],
    ['Llama 3.1 8B at 131k', llama8b, 131_072, 'f16', 16_384],
    ['Llama 3.1 8B at 32k, quantised cache', llama8b, 32_768, 'q8_0', 2176],
    ['Gemma 3 12B at 4k: most layers see a window', gemma12b, 4096, 'f16', 736],
    ['Gemma 3 12B at 131k', gemma12b, 131_072, 'f16', 8672],
    ['DeepSeek V3 at 32k: one compressed row a token', deepseekV3, 32_768, 'f16', 2196],
  ] as const)('gives the KV cache of %s exactly', (_, model, contextLength, kvCacheType, expected) => {
    expect((estimateMemory(model, { contextLength, kvCacheType })?.kvCacheBytes ?? 0) / mib).toBe(expected)
  })

  it('gives the compute buffer of Llama 3.1 8B at 32k for small and large batches', () => {
    const compute = (batchSize: number) =>
      estimateMemory(llama8b, { contextLength: 32_768, kvCacheType: 'f16', batchSize })?.computeBytes
    expect(
      [(compute(64) ?? 0) / 20_449_568, (compute(512) ?? 0) / 163_596_320].every((ratio) => Math.abs(ratio - 1) < 0.01),
    ).toBe(true)
  })

  it('counts an encoder without a cache', () => {
    const bert = facts('bert', {
      blockCount: 12,
      embeddingLength: 384,
      headCount: 12,
      feedForwardLength: 1536,
      causalAttention: false,
      weights: { total: 1000 },
    })
    expect(estimateMemory(bert, { contextLength: 512, kvCacheType: 'f16' })).toMatchObject({
      kvCacheBytes: 0,
      weightBytes: 1000,
    })
  })

  it('says nothing about families with rules of their own, or files that do not tell', () => {
    const options = { contextLength: 4096, kvCacheType: 'f16' } as const
    expect(estimateMemory(facts('mamba', { ...llama8b.geometry, ssmInnerSize: 1 }), options)).toBeNull()
    expect(estimateMemory(facts('gemma2', { ...llama8b.geometry, slidingWindow: 4096 }), options)).toBeNull()
    expect(estimateMemory(facts('llama', {}), options)).toBeNull()
  })
})
