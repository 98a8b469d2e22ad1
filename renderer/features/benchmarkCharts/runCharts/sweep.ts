import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import type { LoadOptions } from '../../../../shared/contract/models.ts'
import { testName } from '../../../../shared/testName.ts'
import { groupBy, mostPoints, thin } from '../charts/series.ts'
import { differingOptions, isSpeed, optionsText } from './engineSeries.ts'

/** One value of one option: what all combinations with it reached. */
type SweepValue = {
  readonly label: string
  /** one for each combination, at most `mostPoints` over the whole test */
  readonly speeds: readonly number[]
  readonly best: number
  /** the best combination of all has this value */
  readonly isBest: boolean
}
export type SweepOption = {
  readonly option: keyof LoadOptions
  readonly title: string
  readonly values: readonly SweepValue[]
}

export type SweepTest = {
  readonly name: string
  readonly combinations: number
  readonly best: BenchmarkResult
  readonly bestWords: string
  /** (best − slowest) / slowest; null with a slowest of zero */
  readonly gain: number | null
  readonly slowestWords: string
  readonly fastest: number
  readonly options: readonly SweepOption[]
}

const optionTitles: Readonly<Record<keyof LoadOptions, string>> = {
  contextLength: 'Context length',
  kvCacheType: 'KV cache type',
  gpuLayers: 'GPU layers',
  threads: 'Threads',
  flashAttention: 'Flash attention',
  batchSize: 'Batch size',
  mmap: 'Memory map',
  keepAlive: 'Keep-alive',
}

const valueText = (value: LoadOptions[keyof LoadOptions]): string =>
  value === undefined
    ? 'own choice'
    : typeof value === 'boolean'
      ? value
        ? 'on'
        : 'off'
      : typeof value === 'number'
        ? value.toLocaleString('en-US')
        : value

/** From the most bits to the fewest. */
const cacheOrder: readonly string[] = ['f32', 'f16', 'bf16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl']

/** Numbers by size, cache types by their bits, on before off; what the provider chose comes last. */
const byValue = (a: LoadOptions[keyof LoadOptions], b: LoadOptions[keyof LoadOptions]): number => {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return cacheOrder.indexOf(String(a)) - cacheOrder.indexOf(String(b)) || String(b).localeCompare(String(a))
}

const speedOf = (result: BenchmarkResult): number => result.statistics.mean

const optionOf = (
  results: readonly BenchmarkResult[],
  best: BenchmarkResult,
  option: keyof LoadOptions,
): SweepOption => {
  const values = [...new Set(results.map(({ options }) => options[option]))].sort(byValue)
  const most = Math.max(1, Math.floor(mostPoints / values.length))
  return {
    option,
    title: optionTitles[option],
    values: values.map((value) => {
      const speeds = results.filter(({ options }) => options[option] === value).map(speedOf)
      return {
        label: valueText(value),
        speeds: thin(speeds, most),
        best: Math.max(...speeds),
        isBest: best.options[option] === value,
      }
    }),
  }
}

const sweepTest = (name: string, results: readonly BenchmarkResult[]): SweepTest | null => {
  const names = differingOptions(results)
  const ranked = [...results].sort((a, b) => speedOf(b) - speedOf(a))
  const [best] = ranked
  const slowest = ranked.at(-1)
  if (names.length === 0 || best === undefined || slowest === undefined) return null
  return {
    name,
    combinations: results.length,
    best,
    bestWords: optionsText(best.options, names),
    gain: speedOf(slowest) > 0 ? speedOf(best) / speedOf(slowest) - 1 : null,
    slowestWords: optionsText(slowest.options, names),
    fastest: speedOf(best),
    options: names.map((option) => optionOf(results, best, option)),
  }
}

/** Tests that were measured with more than one combination of options, generation first: it is what people wait for. */
export const sweepTests = (results: readonly BenchmarkResult[]): readonly SweepTest[] => {
  const rank = ({ best }: SweepTest): number => (best.test.type === 'generation' ? 0 : 1)
  return [...groupBy(results.filter(isSpeed), ({ test }) => testName(test))]
    .map(([name, group]) => sweepTest(name, group))
    .filter((each) => each !== null)
    .sort((a, b) => rank(a) - rank(b))
}
