import type { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import { berthFormat, berthVersion } from './berthFile.ts'
import type { Writer } from './writer.ts'

/** Everything that is known of the runs, with raw samples; read again by `importBenchmarks`. */
export const writeJson: Writer = async (runs, samplesOf, add, pause) => {
  add(`{"format":${JSON.stringify(berthFormat)},"version":${berthVersion},"runs":[\n`)
  for (const [index, { benchmark, results }] of runs.entries()) {
    // the job is of this Berth alone
    add(`${index === 0 ? '' : ',\n'}{"benchmark":${JSON.stringify({ ...benchmark, job: null })},"results":[`)
    for (const [place, result] of results.entries()) {
      add(`${place === 0 ? '' : ','}\n${JSON.stringify(result).slice(0, -1)},"samples":[`)
      await addSamples(await samplesOf(benchmark.benchmark, result.position), add, pause)
      add(']}')
    }
    add(']}')
  }
  add('\n]}\n')
  return undefined
}

/** A load test has up to 10,000 requests with hundreds of times each. */
const addSamples = async (
  samples: readonly BenchmarkSample[],
  add: (text: string) => void,
  pause: () => Promise<void>,
): Promise<void> => {
  for (const [index, sample] of samples.entries()) {
    add(`${index === 0 ? '' : ','}${JSON.stringify(sample)}`)
    await pause()
  }
}
