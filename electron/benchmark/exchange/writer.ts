import type { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample, BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import type { Pause } from '../turns.ts'

export type SamplesOf = (benchmark: BenchmarkId, position: number) => Promise<readonly BenchmarkSample[]>

/** Writes the runs piece by piece; answers what had no place in the format, in a sentence, or nothing. */
export type Writer = (
  runs: readonly BenchmarkWithResults[],
  samplesOf: SamplesOf,
  add: (text: string) => void,
  pause: Pause,
) => Promise<string | undefined>
