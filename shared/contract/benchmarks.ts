import { z } from 'zod'
import { BenchmarkResult } from './benchmarkResults.ts'
import { BenchmarkId, BenchmarkKind, BenchmarkPreset, BenchmarkSettings } from './benchmarkSettings.ts'
import { JobId } from './jobs.ts'
import { LoadOptions } from './models.ts'

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

export const BenchmarkFormat = z.enum(['json', 'csv', 'markdown', 'llama-bench'])
export type BenchmarkFormat = z.infer<typeof BenchmarkFormat>
