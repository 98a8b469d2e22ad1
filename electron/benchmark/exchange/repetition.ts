import type { BenchmarkTest } from '../../../shared/contract/benchmarkResults.ts'
import type { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'

export type Repetition = Extract<BenchmarkSample, { ms: number }>

export const isRepetition = (sample: BenchmarkSample): sample is Repetition => 'ms' in sample

/** Tokens that one repetition works on; null where a test is not about tokens. */
export const tokensOf = (test: BenchmarkTest): number | null => {
  switch (test.type) {
    case 'prompt':
      return test.promptTokens
    case 'generation':
      return test.generatedTokens
    case 'both':
      return test.promptTokens + test.generatedTokens
    default:
      return null
  }
}
