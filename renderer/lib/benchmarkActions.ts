import type { BenchmarkId, BenchmarkRequest } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkFormat } from '../../shared/contract/benchmarks.ts'
import { attempt, tellDone } from './actions.ts'
import { bridge } from './bridge.ts'
import { client } from './client.ts'
import { download } from './download.ts'
import { formatCount } from './format.ts'
import { postLarge } from './postLarge.ts'

export const runWord = (count: number): string => `${formatCount(count)} ${count === 1 ? 'run' : 'runs'}`

/** Throws, so that the dialog can say why beside its fields. */
export const startBenchmark = (request: BenchmarkRequest): Promise<Benchmark> => client.benchmarks.start(request)

/** How many one request takes: for an export, and for a comparison. */
export const mostExported = 100
export const mostCompared = 20

/** Saves runs as one document, where the browser or the desktop puts downloads. */
export const exportBenchmarks = (benchmarks: readonly BenchmarkId[], format: BenchmarkFormat) =>
  attempt(`Export ${runWord(benchmarks.length)}`, async () =>
    download(await client.benchmarks.export({ benchmarks: [...benchmarks], format })),
  )

type Taken = Awaited<ReturnType<typeof client.benchmarks.import>>

/** Takes in what a file holds. A file is longer than a message of the socket may be. Throws, so that the dialog can say why. */
export const importBenchmarks = (text: string): Promise<Taken> =>
  bridge === null
    ? postLarge<Taken>('/api/v1/benchmarks/import', JSON.stringify({ text }))
    : client.benchmarks.import({ text })

/** What one request takes. */
const mostRemoved = 100

/** Throws, so that the dialog can say why. Runs that have ended only. */
export const removeBenchmarks = async (benchmarks: readonly BenchmarkId[]): Promise<void> => {
  for (let at = 0; at < benchmarks.length; at += mostRemoved)
    await client.benchmarks.remove({ benchmarks: benchmarks.slice(at, at + mostRemoved) })
  tellDone(benchmarks.length === 1 ? 'The run is removed.' : `${runWord(benchmarks.length)} are removed.`)
}
