import type { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkRepository } from '../../catalog/benchmarkRepository.ts'
import { packSamples } from '../packSamples.ts'
import { createAlreadyThere, type PackedResult } from './alreadyThere.ts'
import { importBenchmarks } from './importBenchmarks.ts'
import type { ImportedRun } from './llamaBenchRuns.ts'

/** At once: each holds a compressor, and what it writes. */
const packedAtOnce = 4

const packAll = async (results: ImportedRun['results']): Promise<PackedResult[]> => {
  const packed: PackedResult[] = []
  for (let from = 0; from < results.length; from += packedAtOnce) {
    const some = results.slice(from, from + packedAtOnce)
    packed.push(
      ...(await Promise.all(
        some.map(async ({ samples, ...rest }) => ({ ...rest, samples: await packSamples(samples) })),
      )),
    )
  }
  return packed
}

export interface TakenIn {
  readonly taken: readonly BenchmarkId[]
  /** results that an earlier import took in, and that were not copied */
  readonly already: number
  /** what was left out, each with its line and why */
  readonly skipped: string[]
}

const takeIn = async (repository: BenchmarkRepository, text: string, label: string | null, now: number) => {
  const { runs, skipped } = await importBenchmarks(text, label, now)
  const there = createAlreadyThere(repository)
  const taken: BenchmarkId[] = []
  let already = 0
  for (const { benchmark, results } of runs) {
    if (results.length === 0 && there.isEmptyRunThere(benchmark)) continue
    const fresh = await there.withoutKnown(benchmark, await packAll(results))
    already += results.length - fresh.length
    if (results.length > 0 && fresh.length === 0) continue
    repository.insert(benchmark, fresh)
    there.add(benchmark, fresh)
    taken.push(benchmark.benchmark)
  }
  return { taken, already, skipped }
}

/**
 * Takes in what a file has and an earlier import has not. One file after the other: the same one twice at once is one copy too.
 * @throws AppError FILE_INVALID
 */
export const createTakeIn = (repository: BenchmarkRepository, now: () => number) => {
  let last: Promise<unknown> = Promise.resolve()
  return (text: string, label: string | null): Promise<TakenIn> => {
    const mine = last.then(() => takeIn(repository, text, label, now()))
    last = Promise.allSettled([mine]) // a failure is told to who asked for it
    return mine
  }
}
