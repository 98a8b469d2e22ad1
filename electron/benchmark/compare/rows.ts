import type { BenchmarkResult, BenchmarkTest } from '../../../shared/contract/benchmarkResults.ts'
import type { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import { type TunedOptions, tuned } from '../../../shared/optionsKey.ts'

type Key = keyof TunedOptions

export interface Measured {
  readonly benchmark: BenchmarkId
  readonly result: BenchmarkResult
}

/** One test of several runs. */
export interface Row {
  readonly test: BenchmarkTest
  /** what tells it from other rows of the same test: `threads 4`; empty where there are none */
  readonly options: string
  /** in the order of the runs; null: that run did not measure it */
  readonly cells: readonly (Measured | null)[]
}

const words: Readonly<Record<Key, string>> = {
  contextLength: 'context',
  gpuLayers: 'GPU layers',
  threads: 'threads',
  batchSize: 'batch',
  flashAttention: 'flash attention',
  kvCacheType: 'KV',
  mmap: 'mmap',
}
const keys = Object.keys(words) as Key[] // the record has each of them

const shown = (value: TunedOptions[Key]): string => {
  if (value === undefined) return 'not told'
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)
}

/** `threads 4, KV q8_0`. */
export const optionsText = (options: TunedOptions, which: readonly Key[]): string =>
  which.map((key) => `${words[key]} ${shown(options[key])}`).join(', ')

/** Options that differ among these. */
export const differing = (all: readonly TunedOptions[]): Key[] =>
  keys.filter((key) => new Set(all.map((options) => options[key])).size > 1)

/** In the order in which they came first. */
export const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

const isCompared = ({ test }: BenchmarkResult): boolean => !(test.type === 'serving' && test.search)

/**
 * Puts side by side what was measured alike. Options may differ from run to run, that is what one compares; but where one run
 * measured a test with several, each of them is a row, and the other runs stand in the row that has their own option. Steps of
 * a search are left out: each run takes its own.
 */
export const rowsOf = (runs: readonly BenchmarkWithResults[]): Row[] => {
  const all = runs.flatMap(({ benchmark, results }, run) =>
    results.filter(isCompared).map((result) => ({ run, benchmark: benchmark.benchmark, result })),
  )
  const byTest = groupBy(all, ({ result }) => JSON.stringify(result.test))
  return [...byTest.values()].flatMap((alike) => {
    const swept = new Set(
      runs.flatMap((_, index) =>
        differing(alike.filter(({ run }) => run === index).map(({ result }) => tuned(result.options))),
      ),
    )
    const which = keys.filter((key) => swept.has(key))
    const rows = groupBy(alike, ({ result }) => optionsText(result.options, which))
    return [...rows].flatMap(([options, row]) => {
      const [first] = row
      if (!first) return []
      // measured twice with the same options: the later one counts
      const cells = runs.map((_, index) => row.findLast(({ run }) => run === index) ?? null)
      return [{ test: first.result.test, options, cells }]
    })
  })
}
