import type {
  BenchmarkSettings,
  EmbeddingSettings,
  EngineSettings,
  Load,
  Repetition,
  ServingSettings,
} from '../../../../shared/contract/benchmarkSettings.ts'
import type { KvCacheType } from '../../../../shared/contract/models.ts'
import { type Faults, type Range, readList, readNumber } from './readFields.ts'

/** Lists and numbers as a person types them. */
interface RepetitionForm {
  readonly least: string
  readonly most: string
  /** percent of the mean */
  readonly error: string
}
export interface EngineForm extends RepetitionForm {
  readonly kind: 'engine'
  readonly promptTokens: string
  readonly generatedTokens: string
  readonly depths: string
  readonly measureLoad: boolean
  readonly contextLength: string
  readonly kvCacheType: readonly KvCacheType[]
  /** numbers and `auto` */
  readonly gpuLayers: string
  readonly threads: string
  readonly flashAttention: readonly ('on' | 'off')[]
  readonly batchSize: string
}
export interface ServingForm {
  readonly kind: 'serving'
  readonly levels: string
  readonly rates: string
  readonly arrivals: ServingSettings['arrivals']
  readonly promptTokens: string
  readonly outputTokens: string
  readonly requestsPerLoad: string
  readonly warmUpRequests: string
  readonly requestSeconds: string
  readonly ttftMs: string
  readonly tpotMs: string
  readonly itlMs: string
  readonly e2eMs: string
  readonly findHighestLoad: boolean
  readonly seed: string
}
export interface EmbeddingForm extends RepetitionForm {
  readonly kind: 'embedding'
  readonly batchSizes: string
  readonly textTokens: string
}
export type SettingsForm = EngineForm | ServingForm | EmbeddingForm

const listText = (values: readonly (number | string)[]): string => values.join(', ')
const optionalText = (value: number | undefined): string => (value === undefined ? '' : String(value))
const repetitionForm = ({ least, most, relativeError }: Repetition): RepetitionForm => ({
  least: String(least),
  most: String(most),
  error: String(Number((relativeError * 100).toPrecision(6))),
})

export const formOf = (settings: BenchmarkSettings): SettingsForm => {
  switch (settings.kind) {
    case 'engine':
      return {
        kind: 'engine',
        promptTokens: listText(settings.promptTokens),
        generatedTokens: listText(settings.generatedTokens),
        depths: listText(settings.depths),
        measureLoad: settings.measureLoad,
        contextLength: listText(settings.sweep.contextLength),
        kvCacheType: settings.sweep.kvCacheType,
        gpuLayers: listText(settings.sweep.gpuLayers),
        threads: listText(settings.sweep.threads),
        flashAttention: settings.sweep.flashAttention.map((on) => (on ? 'on' : 'off')),
        batchSize: listText(settings.sweep.batchSize),
        ...repetitionForm(settings.repetition),
      }
    case 'serving':
      return {
        kind: 'serving',
        levels: listText(settings.loads.flatMap((load) => (load.by === 'concurrency' ? [load.level] : []))),
        rates: listText(settings.loads.flatMap((load) => (load.by === 'rate' ? [load.requestsPerSecond] : []))),
        arrivals: settings.arrivals,
        promptTokens: String(settings.promptTokens),
        outputTokens: String(settings.outputTokens),
        requestsPerLoad: String(settings.requestsPerLoad),
        warmUpRequests: String(settings.warmUpRequests),
        requestSeconds: String(settings.requestSeconds),
        ttftMs: optionalText(settings.limits.ttftMs),
        tpotMs: optionalText(settings.limits.tpotMs),
        itlMs: optionalText(settings.limits.itlMs),
        e2eMs: optionalText(settings.limits.e2eMs),
        findHighestLoad: settings.findHighestLoad,
        seed: String(settings.seed),
      }
    case 'embedding':
      return {
        kind: 'embedding',
        batchSizes: listText(settings.batchSizes),
        textTokens: String(settings.textTokens),
        ...repetitionForm(settings.repetition),
      }
  }
}

const tokens: Range = { from: 1, to: 1_048_576, whole: true }
const depth: Range = { ...tokens, from: 0 }
const times: Range = { from: 1, to: 1000, whole: true }
const percent: Range = { from: 0.01, to: 100 }
const limit: Range = { from: 0.001, to: 3_600_000 }
const mostValues = 20

type Read = { readonly settings: BenchmarkSettings } | { readonly faults: Faults }

const readRepetition = (form: RepetitionForm, faults: Record<string, string>): Repetition => {
  const least = readNumber(form.least, times, 'least', faults)
  const most = readNumber(form.most, times, 'most', faults)
  const relativeError = readNumber(form.error, percent, 'error', faults) / 100
  if (most < least) faults.most = 'It is below the fewest.'
  return { least, most, relativeError }
}

const readEngine = (form: EngineForm, faults: Record<string, string>): EngineSettings => {
  const promptTokens = readList(form.promptTokens, tokens, mostValues, 'promptTokens', faults)
  const generatedTokens = readList(form.generatedTokens, tokens, mostValues, 'generatedTokens', faults)
  const depths = readList(form.depths, depth, mostValues, 'depths', faults)
  const isNothing = `${form.promptTokens}${form.generatedTokens}`.trim() === ''
  if (isNothing) faults.promptTokens = 'Give lengths of prompts, or lengths to generate.'
  const layers = form.gpuLayers.split(/[\s,;]+/).filter(Boolean)
  const counted = layers.filter((each) => each.toLowerCase() !== 'auto')
  const numbers = readList(counted.join(' '), { from: 0, to: 10_000, whole: true }, mostValues, 'gpuLayers', faults)
  return {
    kind: 'engine',
    promptTokens,
    generatedTokens,
    depths: depths.length === 0 ? [0] : depths,
    measureLoad: form.measureLoad,
    repetition: readRepetition(form, faults),
    sweep: {
      contextLength: readList(
        form.contextLength,
        { from: 8, to: 16_777_216, whole: true },
        mostValues,
        'contextLength',
        faults,
      ),
      kvCacheType: [...form.kvCacheType],
      gpuLayers: [...(counted.length === layers.length ? [] : ['auto' as const]), ...numbers],
      threads: readList(form.threads, { from: 1, to: 1024, whole: true }, mostValues, 'threads', faults),
      flashAttention: form.flashAttention.map((each) => each === 'on'),
      batchSize: readList(form.batchSize, { from: 1, to: 65_536, whole: true }, mostValues, 'batchSize', faults),
    },
  }
}

const readLimits = (form: ServingForm, faults: Record<string, string>): ServingSettings['limits'] => {
  const names = ['ttftMs', 'tpotMs', 'itlMs', 'e2eMs'] as const
  return Object.fromEntries(
    names.flatMap((name) => (form[name].trim() === '' ? [] : [[name, readNumber(form[name], limit, name, faults)]])),
  )
}

const mostLoads = 30

const readServing = (form: ServingForm, faults: Record<string, string>): ServingSettings => {
  const levels = readList(form.levels, { from: 1, to: 256, whole: true }, mostLoads, 'levels', faults)
  const rates = readList(form.rates, { from: 0.001, to: 1000 }, mostLoads, 'rates', faults)
  const loads: Load[] = [
    ...levels.map((level) => ({ by: 'concurrency' as const, level })),
    ...rates.map((requestsPerSecond) => ({ by: 'rate' as const, requestsPerSecond })),
  ]
  if (`${form.levels}${form.rates}`.trim() === '') faults.levels = 'Give at least one load.'
  else if (loads.length > mostLoads) faults.rates = `Together at most ${mostLoads} loads.`
  const limits = readLimits(form, faults)
  const hasLimit = Object.keys(limits).length > 0
  if (form.findHighestLoad && !hasLimit) faults.findHighestLoad = 'The highest load is found by limits: give one.'
  return {
    kind: 'serving',
    loads,
    arrivals: form.arrivals,
    promptTokens: readNumber(form.promptTokens, tokens, 'promptTokens', faults),
    outputTokens: readNumber(form.outputTokens, tokens, 'outputTokens', faults),
    requestsPerLoad: readNumber(form.requestsPerLoad, { from: 1, to: 10_000, whole: true }, 'requestsPerLoad', faults),
    warmUpRequests: readNumber(form.warmUpRequests, { from: 0, to: 1000, whole: true }, 'warmUpRequests', faults),
    requestSeconds: readNumber(form.requestSeconds, { from: 0.1, to: 86_400 }, 'requestSeconds', faults),
    limits,
    findHighestLoad: form.findHighestLoad,
    seed: readNumber(form.seed, { from: 0, to: 4_294_967_295, whole: true }, 'seed', faults),
  }
}

const readEmbedding = (form: EmbeddingForm, faults: Record<string, string>): EmbeddingSettings => {
  const batchSizes = readList(form.batchSizes, { from: 1, to: 1000, whole: true }, mostValues, 'batchSizes', faults)
  if (form.batchSizes.trim() === '') faults.batchSizes = 'Give at least one size.'
  return {
    kind: 'embedding',
    batchSizes,
    textTokens: readNumber(form.textTokens, tokens, 'textTokens', faults),
    repetition: readRepetition(form, faults),
  }
}

/** What is sent, or what is wrong by the name of its field. */
export const settingsOf = (form: SettingsForm): Read => {
  const faults: Record<string, string> = {}
  const settings =
    form.kind === 'engine'
      ? readEngine(form, faults)
      : form.kind === 'serving'
        ? readServing(form, faults)
        : readEmbedding(form, faults)
  return Object.keys(faults).length > 0 ? { faults } : { settings }
}
