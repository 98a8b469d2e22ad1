import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import type { LoadOptions } from '../../../../shared/contract/models.ts'
import { optionWords } from '../../../lib/optionWords.ts'

const optionNames = (results: readonly BenchmarkResult[]): ReadonlySet<keyof LoadOptions> =>
  new Set(results.flatMap(({ options }) => Object.keys(options) as (keyof LoadOptions)[])) // of the contract's object

/** Options that are not the same in all results: what a sweep went through. */
export const sweptOptions = (results: readonly BenchmarkResult[]): ReadonlySet<keyof LoadOptions> => {
  const first = results[0]
  if (first === undefined) return new Set()
  const swept = [...optionNames(results)].filter((name) =>
    results.some(({ options }) => options[name] !== first.options[name]),
  )
  return new Set(swept)
}

/** What of its options makes this result another than the rest: `context 8,192 tokens · flash attention on`; empty without a sweep. */
export const sweptWords = ({ options }: BenchmarkResult, swept: ReadonlySet<keyof LoadOptions>): string =>
  optionWords(
    Object.fromEntries(Object.entries(options).filter(([name]) => swept.has(name as keyof LoadOptions))) as LoadOptions, // a part of it
  ).join(' · ')

/** What was said of results, each once. */
export const notesOf = (results: readonly BenchmarkResult[]): readonly string[] => [
  ...new Set(results.flatMap(({ notes }) => notes)),
]
