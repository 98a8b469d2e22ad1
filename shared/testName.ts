import type { BenchmarkTest } from './contract/benchmarkResults.ts'
import type { Load } from './contract/benchmarkSettings.ts'

const at = (depth: number): string => (depth === 0 ? '' : ` @ d${depth}`)

/** `8 at once`, `2.5 requests/s`. */
export const loadName = (load: Load): string =>
  load.by === 'concurrency' ? `${load.level} at once` : `${load.requestsPerSecond} requests/s`

/** What was measured, as llama-bench and the field write it: `pp512`, `tg128 @ d4096`, `8 at once, 512 → 128 tokens`. */
export const testName = (test: BenchmarkTest): string => {
  switch (test.type) {
    case 'load':
      return `load, ${test.cache}`
    case 'prompt':
      return `pp${test.promptTokens}${at(test.depth)}`
    case 'generation':
      return `tg${test.generatedTokens}${at(test.depth)}`
    case 'both':
      return `pp${test.promptTokens}+tg${test.generatedTokens}${at(test.depth)}`
    case 'serving':
      return `${loadName(test.load)}, ${test.promptTokens} → ${test.outputTokens} tokens`
    case 'embedding':
      return `${test.batchSize} ${test.batchSize === 1 ? 'text' : 'texts'} of ${test.textTokens} tokens`
  }
}
