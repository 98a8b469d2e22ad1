import type { BenchmarkTest } from '../../../shared/contract/benchmarkResults.ts'
import type { EngineSettings, EngineSweep } from '../../../shared/contract/benchmarkSettings.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'

export type LoadTest = Extract<BenchmarkTest, { type: 'load' }>
export type SpeedTest = Extract<BenchmarkTest, { type: 'prompt' | 'generation' }>

/** One way to load the model, with everything that is measured of it. */
export interface Combination {
  /** what the sweep chose */
  readonly options: LoadOptions
  /** the same in words; empty without a sweep */
  readonly words: string
  readonly tests: readonly { readonly position: number; readonly test: LoadTest | SpeedTest }[]
}

const say: { readonly [Name in keyof EngineSweep]: (value: EngineSweep[Name][number]) => string } = {
  contextLength: (value) => `context ${value}`,
  kvCacheType: (value) => `${value} KV cache`,
  gpuLayers: (value) => `${value} GPU layers`,
  threads: (value) => (value === 1 ? '1 thread' : `${value} threads`),
  flashAttention: (value) => (value ? 'flash attention' : 'no flash attention'),
  batchSize: (value) => `batch ${value}`,
}

interface Choice {
  readonly options: LoadOptions
  readonly words: readonly string[]
}

/** Each choice so far with each value of one list. */
const widen = <Name extends keyof EngineSweep>(
  choices: readonly Choice[],
  name: Name,
  values: readonly EngineSweep[Name][number][],
): readonly Choice[] =>
  values.length === 0
    ? choices
    : choices.flatMap(({ options, words }) =>
        values.map((value) => ({ options: { ...options, [name]: value }, words: [...words, say[name](value)] })),
      )

/** Loads first, because the last of them is what the rest is measured with. */
const testsOf = ({ measureLoad, promptTokens, generatedTokens, depths }: EngineSettings): (LoadTest | SpeedTest)[] => [
  ...(measureLoad ? (['cold', 'warm'] as const).map((cache): LoadTest => ({ type: 'load', cache })) : []),
  ...promptTokens.map((tokens): SpeedTest => ({ type: 'prompt', promptTokens: tokens, depth: 0 })),
  ...depths.flatMap((depth) =>
    generatedTokens.map((tokens): SpeedTest => ({ type: 'generation', generatedTokens: tokens, depth })),
  ),
]

/** Everything that the settings name, in an order and at positions that are the same for the same settings. */
export const combinationsOf = (settings: EngineSettings): readonly Combination[] => {
  const { sweep } = settings
  let choices: readonly Choice[] = [{ options: {}, words: [] }]
  choices = widen(choices, 'contextLength', sweep.contextLength)
  choices = widen(choices, 'kvCacheType', sweep.kvCacheType)
  choices = widen(choices, 'gpuLayers', sweep.gpuLayers)
  choices = widen(choices, 'threads', sweep.threads)
  choices = widen(choices, 'flashAttention', sweep.flashAttention)
  choices = widen(choices, 'batchSize', sweep.batchSize)
  const tests = testsOf(settings)
  return choices.map(({ options, words }, index) => ({
    options,
    words: words.join(', '),
    tests: tests.map((test, number) => ({ position: index * tests.length + number, test })),
  }))
}

/** Tokens that the longest of the tests needs in the context. */
export const neededContext = ({ promptTokens, generatedTokens, depths }: EngineSettings): number =>
  Math.max(...promptTokens, ...generatedTokens.map((tokens) => tokens + Math.max(...depths)))

/** As llama-bench calls it. */
export const nameOf = (test: LoadTest | SpeedTest): string => {
  if (test.type === 'load') return `load, ${test.cache}`
  const behind = test.depth === 0 ? '' : ` @ d${test.depth}`
  return test.type === 'prompt' ? `pp${test.promptTokens}${behind}` : `tg${test.generatedTokens}${behind}`
}
