import { z } from 'zod'
import { JobId } from './jobs.ts'
import { ModelId } from './modelId.ts'
import { KvCacheType, LoadOptions } from './models.ts'

export const BenchmarkId = z.string().min(1).max(100).brand<'BenchmarkId'>()
export type BenchmarkId = z.infer<typeof BenchmarkId>

/** engine: prompt and generation alone, as llama-bench does; serving: requests as clients send them; embedding: texts to vectors */
export const BenchmarkKind = z.enum(['engine', 'serving', 'embedding'])
export type BenchmarkKind = z.infer<typeof BenchmarkKind>

export const BenchmarkPreset = z.enum(['quick', 'standard', 'thorough'])
export type BenchmarkPreset = z.infer<typeof BenchmarkPreset>

const tokens = (min: number) => z.int().min(min).max(1_048_576)
const seconds = z.number().positive().max(86_400)

/** When to stop repeating: the 95 % interval of the mean is narrow enough, or the repetitions or the time are used up. */
export const Repetition = z.strictObject({
  least: z.int().min(1).max(1000),
  most: z.int().min(1).max(1000),
  /** half the width of the interval as a part of the mean, e.g. 0.02 */
  relativeError: z.number().min(0.0001).max(1),
})
export type Repetition = z.infer<typeof Repetition>

/** Lists are combined with each other; an empty one leaves the provider its own choice. */
export const EngineSweep = z.strictObject({
  contextLength: z.array(LoadOptions.shape.contextLength.unwrap()).max(20).default([]),
  kvCacheType: z.array(KvCacheType).max(9).default([]),
  gpuLayers: z.array(LoadOptions.shape.gpuLayers.unwrap()).max(20).default([]),
  threads: z.array(LoadOptions.shape.threads.unwrap()).max(20).default([]),
  flashAttention: z.array(z.boolean()).max(2).default([]),
  batchSize: z.array(LoadOptions.shape.batchSize.unwrap()).max(20).default([]),
})
export type EngineSweep = z.infer<typeof EngineSweep>

export const EngineSettings = z.strictObject({
  kind: z.literal('engine'),
  /** lengths of prompts that are read with nothing before them: pp */
  promptTokens: z.array(tokens(1)).max(20),
  /** tokens that are generated: tg */
  generatedTokens: z.array(tokens(1)).max(20),
  /** tokens that are in the context before each generation */
  depths: z.array(tokens(0)).min(1).max(20),
  /** load anew, with the file in the system's cache and, where that can be done, without it */
  measureLoad: z.boolean(),
  repetition: Repetition,
  sweep: EngineSweep,
})
export type EngineSettings = z.infer<typeof EngineSettings>

/** What a request must keep to count as good. Milliseconds; what is left out is not judged. */
export const ServiceLimits = z.strictObject({
  ttftMs: z.number().positive().max(3_600_000).optional(),
  /** mean time between the tokens of one answer */
  tpotMs: z.number().positive().max(3_600_000).optional(),
  /** longest time between two pieces of one answer */
  itlMs: z.number().positive().max(3_600_000).optional(),
  e2eMs: z.number().positive().max(3_600_000).optional(),
})
export type ServiceLimits = z.infer<typeof ServiceLimits>

/** closed: so many requests under way at any time. open: requests arrive at times fixed before the run, whatever the server does. */
export const Load = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('concurrency'), level: z.int().min(1).max(256) }),
  z.strictObject({ by: z.literal('rate'), requestsPerSecond: z.number().min(0.001).max(1000) }),
])
export type Load = z.infer<typeof Load>

export const ServingSettings = z.strictObject({
  kind: z.literal('serving'),
  loads: z.array(Load).min(1).max(30),
  /** even spaces between arrivals, or random ones (Poisson) */
  arrivals: z.enum(['constant', 'poisson']),
  promptTokens: tokens(1),
  /** asked of each answer; a model that ends earlier is counted as it is */
  outputTokens: tokens(1),
  requestsPerLoad: z.int().min(1).max(10_000),
  /** before the first load, and not counted */
  warmUpRequests: z.int().min(0).max(1000),
  /** a request that takes longer counts as failed */
  requestSeconds: seconds,
  limits: ServiceLimits,
  /** after the loads, look for the highest that still keeps the limits in 95 of 100 requests; needs a limit */
  findHighestLoad: z.boolean(),
  /** the words of prompts, and arrivals, are the same for the same seed; a tag before each prompt is another in each run, so that no cache has it */
  seed: z.int().min(0).max(4_294_967_295),
})
export type ServingSettings = z.infer<typeof ServingSettings>

export const EmbeddingSettings = z.strictObject({
  kind: z.literal('embedding'),
  batchSizes: z.array(z.int().min(1).max(1000)).min(1).max(20),
  textTokens: tokens(1),
  repetition: Repetition,
})
export type EmbeddingSettings = z.infer<typeof EmbeddingSettings>

export const BenchmarkSettings = z
  .discriminatedUnion('kind', [EngineSettings, ServingSettings, EmbeddingSettings])
  .superRefine((settings, context) => {
    if (settings.kind === 'engine' && settings.promptTokens.length + settings.generatedTokens.length === 0)
      context.addIssue({ code: 'custom', message: 'Nothing to measure: give promptTokens or generatedTokens.' })
    if (settings.kind === 'serving' && settings.findHighestLoad && Object.keys(settings.limits).length === 0)
      context.addIssue({ code: 'custom', path: ['limits'], message: 'The highest load is found by limits: give one.' })
    if (settings.kind !== 'serving' && settings.repetition.most < settings.repetition.least)
      context.addIssue({ code: 'custom', path: ['repetition', 'most'], message: 'It is below `least`.' })
  })
export type BenchmarkSettings = z.infer<typeof BenchmarkSettings>

/**
 * What is asked for. `kind` chooses the preset's settings where `settings` is left out: engine where the provider tells its own
 * figures, else serving; embedding for a model that only embeds.
 */
export const BenchmarkRequest = z.strictObject({
  model: ModelId,
  kind: BenchmarkKind.optional(),
  preset: BenchmarkPreset.optional(),
  settings: BenchmarkSettings.optional(),
  /** how it is loaded; a sweep replaces what it names */
  options: LoadOptions.optional(),
  /** seconds that all of it may take; what is measured by then is kept */
  budgetSeconds: seconds.optional(),
  /** US dollars a person agreed to; needed where the model costs money, and never spent beyond */
  acceptedUsd: z.number().min(0).max(100_000).optional(),
  /** a note of the person's own */
  label: z.string().max(200).optional(),
})
export type BenchmarkRequest = z.infer<typeof BenchmarkRequest>

/** What one result measured. Together with the options it says what may be compared with what. */
export const BenchmarkTest = z.discriminatedUnion('type', [
  /** ms; `cache`: was the file in the system's cache? */
  z.object({ type: z.literal('load'), cache: z.enum(['cold', 'warm']) }),
  /** tokens/s; llama-bench's pp<promptTokens> @ d<depth> */
  z.object({ type: z.literal('prompt'), promptTokens: z.number(), depth: z.number() }),
  /** tokens/s; llama-bench's tg<generatedTokens> @ d<depth> */
  z.object({ type: z.literal('generation'), generatedTokens: z.number(), depth: z.number() }),
  /** tokens/s; llama-bench's pp<promptTokens>+tg<generatedTokens> @ d<depth>; only from files of others */
  z.object({ type: z.literal('both'), promptTokens: z.number(), generatedTokens: z.number(), depth: z.number() }),
  /** tokens/s that all answers together gave; `serving` of the result has the rest */
  z.object({
    type: z.literal('serving'),
    load: Load,
    promptTokens: z.number(),
    outputTokens: z.number(),
    /** one of the steps of the search for the highest load */
    search: z.boolean(),
  }),
  /** texts/s */
  z.object({ type: z.literal('embedding'), batchSize: z.number(), textTokens: z.number() }),
])
export type BenchmarkTest = z.infer<typeof BenchmarkTest>

export const BenchmarkUnit = z.enum(['tokens/s', 'texts/s', 'ms'])
export type BenchmarkUnit = z.infer<typeof BenchmarkUnit>

/**
 * Of the samples of one result. `interval`: 95 % of the mean by Student's t; null with fewer than two samples. `count` 0: a
 * file of others told the mean and the deviation and no samples; median, min and max repeat the mean.
 */
export const Statistics = z.object({
  count: z.number(),
  mean: z.number(),
  median: z.number(),
  min: z.number(),
  max: z.number(),
  /** of a sample: n − 1; null with fewer than two */
  standardDeviation: z.number().nullable(),
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
})
export type Statistics = z.infer<typeof Statistics>

/** Milliseconds, between the two nearest samples by their distance (R-7, NumPy's `linear`); null: there was no sample. */
export const Percentiles = z.object({
  count: z.number(),
  mean: z.number().nullable(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  max: z.number().nullable(),
})
export type Percentiles = z.infer<typeof Percentiles>

/** Who counted tokens: the server's usage, the model's own tokenizer, or pieces of the answer, which is approximate. */
export const TokenCount = z.enum(['server', 'tokenizer', 'approximate'])
export type TokenCount = z.infer<typeof TokenCount>

/** One load on a server. Times count from the planned arrival, so that a server that stalls cannot hide it. */
export const ServingFigures = z.object({
  requests: z.number(),
  succeeded: z.number(),
  /** by error code */
  errors: z.record(z.string(), z.number()),
  /** seconds from the first planned arrival to the end of the last answer */
  durationSeconds: z.number(),
  ttftMs: Percentiles,
  /** between two pieces of an answer, of all answers */
  itlMs: Percentiles,
  /** (last token − first token) / (tokens − 1), of each answer */
  tpotMs: Percentiles,
  e2eMs: Percentiles,
  /** how late requests left, beside their plan: what the client itself was behind */
  lateMs: Percentiles,
  requestsPerSecond: z.number(),
  /** of prompts, of answers; null when nobody counted */
  inputTokensPerSecond: z.number().nullable(),
  outputTokensPerSecond: z.number().nullable(),
  tokenCount: TokenCount,
  /** requests that kept all limits; null when none was set */
  goodput: z.object({ requestsPerSecond: z.number(), part: z.number() }).nullable(),
  /** US dollars the provider charged; null: it never told */
  costUsd: z.number().nullable(),
})
export type ServingFigures = z.infer<typeof ServingFigures>

/** One batch size. Texts per second stand in `statistics`. */
const EmbeddingFigures = z.object({
  /** of one batch, from its request to its last vector */
  latencyMs: Percentiles,
  /** by the provider's own count of the texts' tokens; null: it does not count them */
  inputTokensPerSecond: z.number().nullable(),
})

/** Bytes in use on one device, by everything on it. `peakBytes` is the highest that was sampled, once a second. */
export const MemoryFigures = z.object({
  device: z.string(),
  name: z.string(),
  beforeBytes: z.number().nullable(),
  peakBytes: z.number().nullable(),
  afterBytes: z.number().nullable(),
  /** the most that this model's own process held; null where it cannot be told apart */
  processPeakBytes: z.number().nullable(),
})
export type MemoryFigures = z.infer<typeof MemoryFigures>

export const BenchmarkResult = z.object({
  /** its place in the run, from 0 */
  position: z.number(),
  test: BenchmarkTest,
  unit: BenchmarkUnit,
  /** what the model was loaded with, the engine's own choices included as far as it tells them */
  options: LoadOptions,
  statistics: Statistics,
  serving: ServingFigures.nullable(),
  embedding: EmbeddingFigures.nullable(),
  /** tokens per joule over the devices that tell their power; null: none does, or it was too short to tell */
  tokensPerJoule: z.number().nullable(),
  memory: z.array(MemoryFigures),
  /** what a person should know of this result */
  notes: z.array(z.string()),
  measuredAt: z.number(),
})
export type BenchmarkResult = z.infer<typeof BenchmarkResult>

/** What makes a result mean something later. Unknown is null. */
export const BenchmarkRecord = z.object({
  model: z.object({
    name: z.string(),
    /** `sha256:<hex>` of the weights, else the provider's digest, else `f1:…`, Berth's fingerprint of the file; null: nothing tells */
    contentHash: z.string().nullable(),
    architecture: z.string().nullable(),
    parameterCount: z.number().nullable(),
    quantization: z.string().nullable(),
    format: z.string().nullable(),
    sizeBytes: z.number().nullable(),
  }),
  provider: z.object({
    kind: z.string(),
    name: z.string(),
    /** of the server, or of the embedded engine */
    version: z.string().nullable(),
    /** null: this machine */
    host: z.string().nullable(),
  }),
  /** null in a file of others */
  berthVersion: z.string().nullable(),
  os: z.string().nullable(),
  cpu: z.string().nullable(),
  devices: z.array(
    z.object({
      device: z.string(),
      name: z.string(),
      driver: z.string().nullable(),
      totalBytes: z.number().nullable(),
    }),
  ),
  /** what computed on the GPU, by llama.cpp's names (`CUDA`, `Vulkan`, `Metal`), or `CPU` where nothing did; null: not told */
  backend: z.string().nullable().default(null),
  power: z.object({ mode: z.string().nullable(), onBattery: z.boolean().nullable() }),
  /** the load client's own delay per event against a server on this machine, at the most streams of this run; milliseconds */
  clientErrorMs: z.object({ p50: z.number(), p99: z.number(), streams: z.number() }).nullable(),
})
export type BenchmarkRecord = z.infer<typeof BenchmarkRecord>

/** Why figures may be worse than the machine can do; `unmeasured`: what was asked for and has no result, and why. */
export const Disturbance = z.object({
  kind: z.enum(['load', 'memory', 'heat', 'battery', 'models', 'unmeasured']),
  text: z.string(),
  at: z.number(),
})
export type Disturbance = z.infer<typeof Disturbance>

/** queued → running → done | failed | cancelled; what was measured before the end is kept in each of them. */
export const BenchmarkState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled'])
export type BenchmarkState = z.infer<typeof BenchmarkState>

/** One run, without its results. Times are Unix milliseconds. */
export const Benchmark = z.object({
  benchmark: BenchmarkId,
  /** its job while there is one: to watch and to cancel */
  job: JobId.nullable(),
  kind: BenchmarkKind,
  model: z.string(),
  provider: z.string(),
  /** null: settings of the person's own, or a file of others */
  preset: BenchmarkPreset.nullable(),
  label: z.string().nullable(),
  /** `file`: measured by a Berth, maybe on another machine, and imported */
  source: z.enum(['berth', 'file', 'llama-bench']),
  state: BenchmarkState,
  error: z.object({ code: z.string(), message: z.string(), advice: z.string() }).nullable(),
  settings: BenchmarkSettings.nullable(),
  options: LoadOptions,
  /** null until it has begun */
  record: BenchmarkRecord.nullable(),
  disturbances: z.array(Disturbance),
  /** of its results: the figures a list shows. tokens/s of the first prompt and generation; null: not measured */
  headline: z.object({
    results: z.number(),
    promptTokensPerSecond: z.number().nullable(),
    tokensPerSecond: z.number().nullable(),
    /** median at the lowest load */
    ttftMs: z.number().nullable(),
    textsPerSecond: z.number().nullable(),
    /** highest throughput over all loads, tokens/s */
    throughput: z.number().nullable(),
    peakBytes: z.number().nullable(),
  }),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
})
export type Benchmark = z.infer<typeof Benchmark>

export const BenchmarkWithResults = z.object({ benchmark: Benchmark, results: z.array(BenchmarkResult) })
export type BenchmarkWithResults = z.infer<typeof BenchmarkWithResults>

/** One repetition (ms it took, and its figure in the unit of the result), or one request of a load; times of a request are ms since the load began. */
export const BenchmarkSample = z.union([
  z.object({ ms: z.number(), value: z.number() }),
  z.object({
    plannedMs: z.number(),
    sentMs: z.number(),
    firstMs: z.number().nullable(),
    /** when each piece of the answer came, the first included */
    pieceMs: z.array(z.number()),
    endMs: z.number(),
    promptTokens: z.number().nullable(),
    outputTokens: z.number().nullable(),
    error: z.string().nullable(),
  }),
])
export type BenchmarkSample = z.infer<typeof BenchmarkSample>

/** What a run would do. */
export const BenchmarkPlan = z.object({
  kind: BenchmarkKind,
  preset: BenchmarkPreset.nullable(),
  settings: BenchmarkSettings,
  /** how many tests, over all loads of the model */
  tests: z.number(),
  /** seconds, loads included; null: nothing is known of this model's speed yet */
  estimatedSeconds: z.number().nullable(),
  budgetSeconds: z.number().nullable(),
  /** US dollars; null where it costs nothing or no price is told */
  estimatedUsd: z.number().nullable(),
  /** it costs money, or may: a person must agree */
  needsConsent: z.boolean(),
  /** what a person should know before, e.g. that the model is unloaded for it */
  notes: z.array(z.string()),
})
export type BenchmarkPlan = z.infer<typeof BenchmarkPlan>

/** One figure of several runs beside the first of them. */
export const Comparison = z.object({
  /** what was measured, e.g. `tg128 @ d4096`; with the metric where one test has several */
  name: z.string(),
  test: BenchmarkTest,
  metric: z.enum(['speed', 'load', 'throughput', 'ttft', 'itl', 'tpot', 'e2e', 'goodput', 'memory', 'energy']),
  unit: z.string(),
  better: z.enum(['higher', 'lower']),
  /** in the order of the runs that are compared; null: that run did not measure it */
  cells: z.array(
    z
      .object({
        benchmark: BenchmarkId,
        position: z.number(),
        value: z.number(),
        interval: z.object({ low: z.number(), high: z.number() }).nullable(),
        /** beside the first run that has it; null for that one */
        change: z
          .object({
            /** (value − first) / first */
            relative: z.number().nullable(),
            /** 95 % of that part by bootstrap; null: too few samples to tell */
            interval: z.object({ low: z.number(), high: z.number() }).nullable(),
            verdict: z.enum(['better', 'worse', 'noise', 'unknown']),
          })
          .nullable(),
      })
      .nullable(),
  ),
})
export type Comparison = z.infer<typeof Comparison>

/** One test of one model over time, oldest first. */
export const BenchmarkTrend = z.object({
  name: z.string(),
  test: BenchmarkTest,
  options: LoadOptions,
  unit: BenchmarkUnit,
  points: z.array(
    z.object({
      benchmark: BenchmarkId,
      position: z.number(),
      at: z.number(),
      /** of the provider, or of the engine */
      version: z.string().nullable(),
      value: z.number(),
      interval: z.object({ low: z.number(), high: z.number() }).nullable(),
      /** beside the version before it */
      verdict: z.enum(['better', 'worse', 'noise', 'unknown']).nullable(),
      relative: z.number().nullable(),
    }),
  ),
})
export type BenchmarkTrend = z.infer<typeof BenchmarkTrend>

/** An answer to "which of my models is fastest within so much memory at so much context". */
export const FastestModel = z.object({
  model: z.string(),
  /** where it can be asked now; false: it was measured, and is gone */
  available: z.boolean(),
  benchmark: BenchmarkId,
  position: z.number(),
  tokensPerSecond: z.number(),
  /** tokens that were in the context while that was measured */
  measuredDepth: z.number(),
  memoryBytes: z.number(),
  /** measured at this context, or computed for it */
  memorySource: z.enum(['measured', 'estimated']),
  contextLength: z.number(),
  quantization: z.string().nullable(),
  parameterCount: z.number().nullable(),
  options: LoadOptions,
})
export type FastestModel = z.infer<typeof FastestModel>

export const BenchmarkFormat = z.enum(['json', 'csv', 'markdown', 'llama-bench'])
export type BenchmarkFormat = z.infer<typeof BenchmarkFormat>
