import { z } from 'zod'
import { Load } from './benchmarkSettings.ts'
import { LoadOptions } from './models.ts'

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
