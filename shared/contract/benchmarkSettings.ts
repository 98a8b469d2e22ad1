import { z } from 'zod'
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
