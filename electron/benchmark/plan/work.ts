import type {
  BenchmarkSettings,
  EmbeddingSettings,
  EngineSettings,
  Repetition,
  ServingSettings,
} from '../../../shared/contract/benchmarkSettings.ts'
import { maxSearchSteps } from '../servingTest/highestLoad.ts'

/** What is known of a model before it is measured; null: nothing. */
export interface KnownSpeed {
  readonly promptTokensPerSecond: number | null
  readonly tokensPerSecond: number | null
  readonly textsPerSecond: number | null
  readonly loadMs: number | null
}

/** How much there is to do. */
export interface Work {
  /** each makes one result; a search for the highest load makes more */
  readonly tests: number
  readonly loads: number
  readonly requests: number
  readonly promptTokens: number
  readonly outputTokens: number
  readonly texts: number
  /** seconds that pass whatever the model does: arrivals at fixed times */
  readonly waitSeconds: number
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
/** usual: between the least repetitions, on a quiet machine, and the most */
type Measure = 'usual' | 'most'

/** And once before what counts. */
const timesOf = ({ least, most }: Repetition, measure: Measure): number =>
  1 + (measure === 'most' ? most : (least + most) / 2)
/** cold, where that can be, and warm */
const loadTests = 2
const loadRepetitions = 3
/** Steps of the search for the highest load: it doubles, then halves the rest. */
const searchSteps: Readonly<Record<Measure, number>> = { usual: 8, most: maxSearchSteps }
/** by which a serving run begins, with as many words as each of its prompts */
const firstAnswers = 1

const combinations = ({ sweep }: EngineSettings): number =>
  Object.values(sweep).reduce((count, values) => count * Math.max(1, values.length), 1)

const engineWork = (settings: EngineSettings, measure: Measure): Work => {
  const { promptTokens, generatedTokens, depths, measureLoad, repetition } = settings
  const times = timesOf(repetition, measure)
  const sweeps = combinations(settings)
  const filled = sum(depths) * generatedTokens.length
  return {
    tests: sweeps * ((measureLoad ? loadTests : 0) + promptTokens.length + generatedTokens.length * depths.length),
    loads: sweeps * (measureLoad ? loadTests * loadRepetitions : 1),
    requests: 0,
    // what is in the context before is read once for each test, and kept
    promptTokens: sweeps * (sum(promptTokens) * times + filled),
    outputTokens: sweeps * sum(generatedTokens) * depths.length * times,
    texts: 0,
    waitSeconds: 0,
  }
}

const servingWork = (settings: ServingSettings, measure: Measure): Work => {
  const { loads, promptTokens, outputTokens, requestsPerLoad, warmUpRequests, findHighestLoad } = settings
  const steps = loads.length + (findHighestLoad ? searchSteps[measure] : 0)
  // what costs money is warmed up in any case
  const requests = firstAnswers + Math.max(1, warmUpRequests) + steps * requestsPerLoad
  return {
    tests: steps,
    loads: 1,
    requests,
    promptTokens: requests * promptTokens,
    outputTokens: requests * outputTokens,
    texts: 0,
    waitSeconds: sum(loads.map((load) => (load.by === 'rate' ? requestsPerLoad / load.requestsPerSecond : 0))),
  }
}

const embeddingWork = ({ batchSizes, textTokens, repetition }: EmbeddingSettings, measure: Measure): Work => {
  const times = timesOf(repetition, measure)
  const texts = sum(batchSizes) * times
  const requests = Math.ceil(batchSizes.length * times)
  return {
    tests: batchSizes.length,
    loads: 1,
    requests,
    promptTokens: texts * textTokens,
    outputTokens: 0,
    texts,
    waitSeconds: 0,
  }
}

/** @param measure for a price, the most */
export const workOf = (settings: BenchmarkSettings, measure: Measure = 'usual'): Work => {
  if (settings.kind === 'engine') return engineWork(settings, measure)
  return settings.kind === 'serving' ? servingWork(settings, measure) : embeddingWork(settings, measure)
}

/** The machine is looked at before a run, and the load client measured. */
const lookSeconds = 2

/**
 * About, as one request after the other: several at once are faster where they are served at once. Reading a prompt is
 * never slower than generating, so the speed of that stands for it where it was not measured. Null: not enough is known.
 */
export const secondsOf = (work: Work, known: KnownSpeed): number | null => {
  const reading = known.promptTokensPerSecond ?? known.tokensPerSecond
  const generating = work.outputTokens > 0 ? known.tokensPerSecond : Number.POSITIVE_INFINITY
  const around = lookSeconds + (work.loads * (known.loadMs ?? 0)) / 1000
  if (work.texts > 0) return known.textsPerSecond === null ? null : work.texts / known.textsPerSecond + around
  if (reading === null || generating === null) return null
  return Math.max(work.promptTokens / reading + work.outputTokens / generating, work.waitSeconds) + around
}
