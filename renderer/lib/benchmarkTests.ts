import type { BenchmarkTest, Load } from '../../shared/contract/benchmarks.ts'
import { formatCount } from './format.ts'

const atDepth = (depth: number): string => (depth === 0 ? '' : ` @ d${depth}`)

/** `8 at once`, `2.5 requests/s`. */
export const loadWords = (load: Load): string =>
  load.by === 'concurrency' ? `${formatCount(load.level)} at once` : `${load.requestsPerSecond} requests/s`

/** A test in few words, as llama-bench and the field write it: `pp512`, `tg128 @ d4096`, `8 at once, 512 → 128 tokens`. */
export const testWords = (test: BenchmarkTest): string => {
  switch (test.type) {
    case 'load':
      return `load, ${test.cache}`
    case 'prompt':
      return `pp${test.promptTokens}${atDepth(test.depth)}`
    case 'generation':
      return `tg${test.generatedTokens}${atDepth(test.depth)}`
    case 'both':
      return `pp${test.promptTokens}+tg${test.generatedTokens}${atDepth(test.depth)}`
    case 'serving':
      return `${loadWords(test.load)}, ${formatCount(test.promptTokens)} → ${formatCount(test.outputTokens)} tokens`
    case 'embedding':
      return `${formatCount(test.batchSize)} ${test.batchSize === 1 ? 'text' : 'texts'} of ${formatCount(test.textTokens)} tokens`
  }
}
