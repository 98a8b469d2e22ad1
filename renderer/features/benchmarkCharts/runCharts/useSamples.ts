import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import { client } from '../../../lib/client.ts'
import { useAnswer } from '../useAnswer.ts'

/** The raw samples of one result, asked when it is mounted: a load may have a million times. */
export const useSamples = (benchmark: BenchmarkId, position: number) =>
  useAnswer(`${benchmark} ${position}`, (signal) => client.benchmarks.samples({ benchmark, position }, { signal }))
