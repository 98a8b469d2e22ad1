import type { BenchmarkResult, BenchmarkTest } from '../../../../shared/contract/benchmarkResults.ts'
import type { LoadOptions } from '../../../../shared/contract/models.ts'
import { optionWords } from '../../../lib/optionWords.ts'
import { bestAtEach, groupBy, point, type Series } from '../charts/series.ts'

type Speed = Extract<BenchmarkTest, { depth: number }>
type Measured<Test extends BenchmarkTest> = BenchmarkResult & { readonly test: Test }

export const isSpeed = (result: BenchmarkResult): result is Measured<Speed> => 'depth' in result.test
export const isLoadTime = (result: BenchmarkResult): result is Measured<Extract<BenchmarkTest, { type: 'load' }>> =>
  result.test.type === 'load'

/** A speed without its depth: `pp512`, `tg128`. */
export const speedName = (test: Speed): string =>
  test.type === 'prompt'
    ? `pp${test.promptTokens}`
    : test.type === 'generation'
      ? `tg${test.generatedTokens}`
      : `pp${test.promptTokens}+tg${test.generatedTokens}`

export type SpeedPane = {
  readonly id: Speed['type']
  readonly title: string
  readonly series: readonly Series[]
}

const titles: Readonly<Record<Speed['type'], string>> = {
  prompt: 'Reading the prompt (pp)',
  generation: 'Generating (tg)',
  both: 'Prompt and generation together',
}
const order: readonly Speed['type'][] = ['prompt', 'generation', 'both']

/** A pane for each kind of speed, because reading is far faster than generating; a line for each length. */
export const speedPanes = (results: readonly BenchmarkResult[]): readonly SpeedPane[] => {
  const speeds = results.filter(isSpeed)
  return order.flatMap((type) => {
    const ofType = speeds.filter(({ test }) => test.type === type)
    if (ofType.length === 0) return []
    const series = [...groupBy(ofType, ({ test }) => speedName(test))].map(([name, lines]) => ({
      id: name,
      name,
      points: bestAtEach(lines.map(({ test, statistics }) => point(test.depth, statistics.mean, statistics.interval))),
    }))
    return [{ id: type, title: titles[type], series }]
  })
}

/** Depths are what the chart is over; with one alone there is nothing to draw a line through. */
export const hasDepths = ({ series }: SpeedPane): boolean => series.some(({ points }) => points.length > 1)

/** The names whose values are not the same everywhere; empty where nothing differs. */
const differingIn = (all: readonly LoadOptions[]): readonly (keyof LoadOptions)[] => {
  const names = new Set(all.flatMap((options) => Object.keys(options) as (keyof LoadOptions)[])) // its keys
  return [...names].filter((name) => new Set(all.map((options) => options[name])).size > 1)
}
export const differingOptions = (results: readonly BenchmarkResult[]): readonly (keyof LoadOptions)[] =>
  differingIn(results.map(({ options }) => options))

const onlyOptions = (options: LoadOptions, names: readonly (keyof LoadOptions)[]): LoadOptions =>
  Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]))

export const optionsText = (options: LoadOptions, names: readonly (keyof LoadOptions)[]): string =>
  optionWords(onlyOptions(options, names)).join(' · ') || 'the provider’s own choice'
