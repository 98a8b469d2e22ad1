import type { BenchmarkTest, Load } from '../../../shared/contract/benchmarks.ts'

const at = (depth: number): string => (depth === 0 ? '' : ` @ d${depth}`)

export const loadName = (load: Load): string =>
  load.by === 'concurrency' ? `${load.level} at once` : `${load.requestsPerSecond} requests/s`

/** As llama-bench writes it where llama-bench has it: `pp512 @ d4096`. */
export const testName = (test: BenchmarkTest): string => {
  switch (test.type) {
    case 'load':
      return `load ${test.cache}`
    case 'prompt':
      return `pp${test.promptTokens}${at(test.depth)}`
    case 'generation':
      return `tg${test.generatedTokens}${at(test.depth)}`
    case 'both':
      return `pp${test.promptTokens}+tg${test.generatedTokens}${at(test.depth)}`
    case 'serving':
      return `${loadName(test.load)}, ${test.promptTokens}+${test.outputTokens} tokens${test.search ? ' (search)' : ''}`
    case 'embedding':
      return `${test.batchSize} × ${test.textTokens} tokens`
  }
}
