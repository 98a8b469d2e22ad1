import { expect, it } from 'vitest'
import { loadName, testName } from './testName.ts'

it('names engine tests as llama-bench does', () => {
  expect(testName({ type: 'prompt', promptTokens: 512, depth: 0 })).toBe('pp512')
  expect(testName({ type: 'generation', generatedTokens: 128, depth: 4096 })).toBe('tg128 @ d4096')
  expect(testName({ type: 'both', promptTokens: 512, generatedTokens: 128, depth: 0 })).toBe('pp512+tg128')
  expect(testName({ type: 'load', cache: 'cold' })).toBe('load, cold')
})

it('names the load of a server and the batch of an embedding', () => {
  expect(loadName({ by: 'rate', requestsPerSecond: 2.5 })).toBe('2.5 requests/s')
  expect(
    testName({
      type: 'serving',
      load: { by: 'concurrency', level: 8 },
      promptTokens: 1024,
      outputTokens: 128,
      search: false,
    }),
  ).toBe('8 at once, 1024 → 128 tokens')
  expect(testName({ type: 'embedding', batchSize: 1, textTokens: 128 })).toBe('1 text of 128 tokens')
})
