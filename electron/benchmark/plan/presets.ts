import type {
  BenchmarkKind,
  BenchmarkPreset,
  BenchmarkSettings,
  EmbeddingSettings,
  EngineSettings,
  EngineSweep,
  Load,
  Repetition,
  ServiceLimits,
  ServingSettings,
} from '../../../shared/contract/benchmarkSettings.ts'

const noSweep: EngineSweep = {
  contextLength: [],
  kvCacheType: [],
  gpuLayers: [],
  threads: [],
  flashAttention: [],
  batchSize: [],
}

const repetitions: Readonly<Record<BenchmarkPreset, Repetition>> = {
  quick: { least: 3, most: 5, relativeError: 0.05 },
  standard: { least: 5, most: 10, relativeError: 0.02 },
  thorough: { least: 10, most: 50, relativeError: 0.01 },
}

/** Seconds after which nothing new is begun. */
export const presetBudgets: Readonly<Record<BenchmarkPreset, number>> = { quick: 30, standard: 900, thorough: 7200 }

const engine: Readonly<Record<BenchmarkPreset, Omit<EngineSettings, 'kind' | 'repetition' | 'sweep'>>> = {
  quick: { promptTokens: [512], generatedTokens: [64], depths: [0], measureLoad: false },
  standard: { promptTokens: [128, 512, 2048], generatedTokens: [128], depths: [0, 4096], measureLoad: true },
  thorough: {
    promptTokens: [128, 512, 2048, 8192],
    generatedTokens: [128],
    depths: [0, 1024, 4096, 8192, 16_384],
    measureLoad: true,
  },
}

const concurrencies = (...levels: number[]): Load[] => levels.map((level) => ({ by: 'concurrency', level }))
const rates = (...each: number[]): Load[] => each.map((requestsPerSecond) => ({ by: 'rate', requestsPerSecond }))
/** What people who read along take as fluent: an answer that begins within two seconds, and ten tokens a second. */
const fluent: ServiceLimits = { ttftMs: 2000, tpotMs: 100 }

const serving: Readonly<Record<BenchmarkPreset, Omit<ServingSettings, 'kind' | 'arrivals' | 'seed'>>> = {
  quick: {
    loads: concurrencies(1, 4),
    promptTokens: 128,
    outputTokens: 32,
    requestsPerLoad: 8,
    warmUpRequests: 1,
    requestSeconds: 60,
    limits: {},
    findHighestLoad: false,
  },
  standard: {
    loads: [...concurrencies(1, 2, 4, 8), ...rates(0.5, 1, 2)],
    promptTokens: 512,
    outputTokens: 128,
    requestsPerLoad: 32,
    warmUpRequests: 2,
    requestSeconds: 300,
    limits: fluent,
    findHighestLoad: false,
  },
  thorough: {
    loads: [...concurrencies(1, 2, 4, 8, 16, 32), ...rates(0.5, 1, 2, 4)],
    promptTokens: 512,
    outputTokens: 256,
    requestsPerLoad: 64,
    warmUpRequests: 4,
    requestSeconds: 600,
    limits: fluent,
    findHighestLoad: true,
  },
}

const embedding: Readonly<Record<BenchmarkPreset, Omit<EmbeddingSettings, 'kind' | 'repetition'>>> = {
  quick: { batchSizes: [1, 8], textTokens: 128 },
  standard: { batchSizes: [1, 8, 32], textTokens: 256 },
  thorough: { batchSizes: [1, 4, 16, 64, 128], textTokens: 256 },
}

/** What a prompt gets besides its text: its begin, its template. A tiny context has half of it for that. */
const spareTokens = (contextLength: number): number => Math.min(64, contextLength / 2)

const atLeastOne = (value: number): number => Math.max(1, Math.floor(value))

/** Those that fit; where none does, one that is half of the room. */
const fitting = (values: readonly number[], room: number): number[] => {
  const fit = values.filter((value) => value <= room)
  return fit.length > 0 ? fit : values.length > 0 ? [atLeastOne(room / 2)] : []
}

const boundEngine = <S extends Pick<EngineSettings, 'promptTokens' | 'generatedTokens' | 'depths'>>(
  settings: S,
  room: number,
): S => {
  const generatedTokens = fitting(settings.generatedTokens, room)
  const longest = Math.max(0, ...generatedTokens)
  const depths = settings.depths.filter((depth) => depth + longest <= room)
  return {
    ...settings,
    promptTokens: fitting(settings.promptTokens, room),
    generatedTokens,
    depths: depths.length > 0 ? depths : [0],
  }
}

const boundServing = <S extends Pick<ServingSettings, 'promptTokens' | 'outputTokens'>>(
  settings: S,
  room: number,
): S => {
  const whole = settings.promptTokens + settings.outputTokens
  if (whole <= room) return settings
  const part = room / whole
  return {
    ...settings,
    promptTokens: atLeastOne(settings.promptTokens * part),
    outputTokens: atLeastOne(settings.outputTokens * part),
  }
}

/**
 * What a preset measures, with lengths that fit the context.
 * @param contextLength tokens that the model is loaded with, or can be; null: unknown
 */
export const presetSettings = (
  kind: BenchmarkKind,
  preset: BenchmarkPreset,
  contextLength: number | null,
): BenchmarkSettings => {
  const room =
    contextLength === null
      ? Number.POSITIVE_INFINITY
      : Math.max(2, Math.floor(contextLength - spareTokens(contextLength)))
  const repetition = repetitions[preset]
  if (kind === 'engine') return { kind, ...boundEngine(engine[preset], room), repetition, sweep: noSweep }
  if (kind === 'serving') return { kind, ...boundServing(serving[preset], room), arrivals: 'poisson', seed: 1 }
  const { batchSizes, textTokens } = embedding[preset]
  return { kind, batchSizes, textTokens: Math.min(textTokens, room), repetition }
}

/** Is it what the preset measures where there is room? */
export const isShortened = (kind: BenchmarkKind, preset: BenchmarkPreset, contextLength: number | null): boolean =>
  JSON.stringify(presetSettings(kind, preset, contextLength)) !== JSON.stringify(presetSettings(kind, preset, null))
