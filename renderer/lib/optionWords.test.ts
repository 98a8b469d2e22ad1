import { expect, it } from 'vitest'
import { optionWords } from './optionWords.ts'

it('says in words what differs from the defaults', () => {
  expect(optionWords({ contextLength: 8192, kvCacheType: 'q8_0', flashAttention: true, keepAlive: 600 })).toEqual([
    'context 8,192 tokens',
    'KV cache q8_0',
    'flash attention on',
    'unloads after 10 min',
  ])
  expect(optionWords({ keepAlive: 'forever', gpuLayers: 0, threads: 1 })).toEqual([
    '0 GPU layers',
    '1 thread',
    'stays loaded',
  ])
  expect(optionWords({})).toEqual([])
})
