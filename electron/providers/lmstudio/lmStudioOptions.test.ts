import { expect, test } from 'vitest'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { toRestLoad, toSdkLoad } from './lmStudioOptions.ts'
import { ListedModel } from './lmStudioSchemas.ts'

const llm = ListedModel.parse({ key: 'tiny', type: 'llm', format: 'gguf' })
const mlx = ListedModel.parse({ key: 'apple', type: 'llm', format: 'mlx' })
const embedding = ListedModel.parse({ key: 'emb', type: 'embedding', format: 'gguf' })

test('no option says nothing, so LM Studio chooses', () => {
  expect(toSdkLoad({}, llm)).toEqual({ type: 'llm', config: {}, ttlSeconds: null })
  expect(toSdkLoad({ gpuLayers: 'auto', keepAlive: 'forever' }, llm)).toEqual({
    type: 'llm',
    config: {},
    ttlSeconds: null,
  })
})

test('a KV cache that is not f16 is set for keys and values, with the flash attention it needs', () => {
  expect(toSdkLoad({ kvCacheType: 'q4_0' }, llm).config).toEqual({
    flashAttention: true,
    llamaKCacheQuantizationType: 'q4_0',
    llamaVCacheQuantizationType: 'q4_0',
  })
  const off = { llamaKCacheQuantizationType: false, llamaVCacheQuantizationType: false }
  expect(toSdkLoad({ kvCacheType: 'f16' }, llm).config).toEqual(off)
  expect(toSdkLoad({ kvCacheType: 'f16', flashAttention: false }, llm).config).toEqual({
    ...off,
    flashAttention: false,
  })
})

test.each<readonly [LoadOptions, ListedModel, string]>([
  [{ threads: 4 }, llm, 'threads'],
  [{ gpuLayers: 12 }, llm, 'a share of the model, not a number of layers'],
  [{ kvCacheType: 'bf16' }, llm, 'bf16'],
  [{ kvCacheType: 'q8_0', flashAttention: false }, llm, 'needs flash attention'],
  [{ batchSize: 64, mmap: true }, mlx, 'batchSize, mmap for its llama.cpp engine only'],
  [{ gpuLayers: 0 }, mlx, 'gpuLayers for its llama.cpp engine only'],
  [{ flashAttention: true }, embedding, 'flashAttention for language models only'],
  [{ kvCacheType: 'q8_0' }, embedding, 'kvCacheType for language models only'],
])('%j is refused with a sentence, over the socket and over REST', (options, model, words) => {
  const refusal = expect.objectContaining({ code: 'VERB_NOT_SUPPORTED', message: expect.stringContaining(words) })
  expect(() => toSdkLoad(options, model)).toThrow(refusal)
  expect(() => toRestLoad(options, model)).toThrow(refusal)
})

test('an MLX model takes its context and its time', () => {
  const options = { contextLength: 4096, keepAlive: 60, gpuLayers: 'auto' } as const
  expect(toSdkLoad(options, mlx)).toEqual({ type: 'llm', config: { contextLength: 4096 }, ttlSeconds: 60 })
})
