import { z } from 'zod'
import { FactGroup } from './checks.ts'
import { ModelId } from './modelId.ts'

export const InstanceId = z.string().min(1).max(1200).brand<'InstanceId'>()
export type InstanceId = z.infer<typeof InstanceId>

/**
 * unloaded → loading → loaded → unloading → unloaded; loading | loaded → failed → loading. `available`: answers when asked,
 * and there is nothing to load or its server does not tell.
 */
export const ModelState = z.enum(['unloaded', 'loading', 'loaded', 'unloading', 'failed', 'available'])
export type ModelState = z.infer<typeof ModelState>

/** What a model file is for. Only `llm`, `embedding` and `reranker` are loaded by themselves. */
export const ModelRole = z.enum([
  'llm',
  'embedding',
  'reranker',
  'projector',
  'adapter',
  'control-vector',
  'imatrix',
  'vocabulary',
  /** the part that removes noise, alone: a UNet or a diffusion transformer */
  'diffusion',
  /** with its VAE and text encoder, in one file or as a pipeline of folders */
  'diffusion-checkpoint',
  'vae',
  'text-encoder',
  'vision-encoder',
  'controlnet',
  'textual-inversion',
  'upscaler',
  'speech',
  'classifier',
  'draft',
  'unknown',
])
export type ModelRole = z.infer<typeof ModelRole>

export const KvCacheType = z.enum(['f32', 'f16', 'bf16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl'])
export type KvCacheType = z.infer<typeof KvCacheType>

/** Seconds without use, or pinned. */
export const KeepAlive = z.union([z.literal('forever'), z.int().min(1).max(31_536_000)])

/** Every field may be left out: the provider then chooses. */
export const LoadOptions = z.strictObject({
  /** tokens */
  contextLength: z.int().min(8).max(16_777_216).optional(),
  /** layers to offload; `auto` lets the engine fit them */
  gpuLayers: z.union([z.literal('auto'), z.int().min(0).max(10_000)]).optional(),
  threads: z.int().min(1).max(1024).optional(),
  /** tokens evaluated at once while reading a prompt */
  batchSize: z.int().min(1).max(65_536).optional(),
  flashAttention: z.boolean().optional(),
  kvCacheType: KvCacheType.optional(),
  mmap: z.boolean().optional(),
  /** seconds without use after which it is unloaded; `forever` pins it */
  keepAlive: KeepAlive.optional(),
})
export type LoadOptions = z.infer<typeof LoadOptions>

/** Memory an instance holds on one device. `source` says whether the device told us or we computed it. */
export const InstanceMemory = z.object({
  device: z.string(),
  bytes: z.number().nullable(),
  source: z.enum(['measured', 'reported', 'estimated']),
})
export type InstanceMemory = z.infer<typeof InstanceMemory>

/** A model that is loaded, or on its way in or out. Times are Unix milliseconds. */
export const Instance = z.object({
  id: InstanceId,
  model: ModelId,
  provider: z.string(),
  state: ModelState,
  /** why it failed; null otherwise */
  reason: z.string().nullable(),
  /** 0–1 while loading; null when the provider does not tell */
  progress: z.number().min(0).max(1).nullable(),
  options: LoadOptions,
  memory: z.array(InstanceMemory),
  /** what was computed before the load, all devices together */
  estimatedBytes: z.number().nullable(),
  contextLength: z.number().nullable(),
  /** layers on a GPU of all layers; null when unknown */
  gpuLayers: z.object({ offloaded: z.number(), total: z.number() }).nullable(),
  /** the library that it computes with, by llama.cpp's names (`CUDA`, `Vulkan`, `Metal`, `CPU` alone); null: not told */
  backend: z.string().nullable(),
  pid: z.number().nullable(),
  loadedAt: z.number().nullable(),
  /** null: unknown or not loaded; `never`: pinned */
  expiresAt: z.union([z.number(), z.literal('never')]).nullable(),
  activeRequests: z.number().nullable(),
  /** part of the KV cache that holds tokens now, 0–1 */
  kvCacheUse: z.number().min(0).max(1).nullable(),
  /** of the last answer given through Berth */
  lastChat: z
    .object({ ttftMs: z.number().nullable(), tokensPerSecond: z.number().nullable(), at: z.number() })
    .nullable(),
})
export type Instance = z.infer<typeof Instance>

/** US dollars per million tokens, and per request. null: not told, or it changes with each request. */
export const Price = z.object({
  promptUsdPerMillion: z.number().nullable(),
  completionUsdPerMillion: z.number().nullable(),
  requestUsd: z.number().nullable(),
  free: z.boolean(),
})
export type Price = z.infer<typeof Price>

/** What can be done with one model. */
export const ModelVerbs = z.object({
  load: z.boolean(),
  unload: z.boolean(),
  keepAlive: z.boolean(),
  chat: z.boolean(),
  embed: z.boolean(),
  push: z.boolean(),
  copy: z.boolean(),
  remove: z.boolean(),
  adapters: z.boolean(),
})
export type ModelVerbs = z.infer<typeof ModelVerbs>

/**
 * Where the same weights are too. `digest`: the bytes hash alike; `file`: it is the very file; `name`: only the names look
 * alike, which proves nothing.
 */
export const SameWeights = z.object({ model: z.string(), evidence: z.enum(['digest', 'file', 'name']) })
export type SameWeights = z.infer<typeof SameWeights>

export const Model = z.object({
  model: ModelId,
  provider: z.string(),
  key: z.string(),
  /** for people: general.name or the key */
  name: z.string(),
  state: ModelState,
  /** why the last load failed, why it cannot be loaded, or why it is stale; null otherwise */
  reason: z.string().nullable(),
  /** the provider did not answer; this is what it last said */
  stale: z.boolean(),
  role: ModelRole,
  /** false for files that only serve another (projector, adapter …) or that are broken */
  loadable: z.boolean(),
  capabilities: z.array(z.string()),
  format: z.string().nullable(),
  architecture: z.string().nullable(),
  parameterCount: z.number().nullable(),
  quantization: z.string().nullable(),
  bitsPerWeight: z.number().nullable(),
  /** tokens the model was trained for */
  contextLength: z.number().nullable(),
  /** on disk, all shards and companions; null when unknown */
  sizeBytes: z.number().nullable(),
  /** ≈ bytes needed to load with default options; null when it cannot be computed */
  estimatedBytes: z.number().nullable(),
  path: z.string().nullable(),
  /** of the model as this provider builds it, e.g. of a manifest */
  digest: z.string().nullable(),
  /** hex, of the file with the weights; null when nobody told */
  weightsSha256: z.string().nullable(),
  sameAs: z.array(SameWeights),
  /** null where running it costs nothing but power */
  price: Price.nullable(),
  modifiedAt: z.number().nullable(),
  /** last measured through Berth */
  tokensPerSecond: z.number().nullable(),
  /** what can be done with it here */
  verbs: ModelVerbs,
  /** a sentence for each verb that this model lacks though its provider has it; what that lacks, its own `cannot` says */
  cannot: z.partialRecord(ModelVerbs.keyof(), z.string()),
})
export type Model = z.infer<typeof Model>

export const ModelDetails = z.object({
  model: Model,
  groups: z.array(FactGroup),
  /** files of the artifact, first shard first */
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number() })),
  tensorTypes: z.array(z.object({ type: z.string(), tensors: z.number(), bytes: z.number() })),
  chatTemplate: z.string().nullable(),
  /** all key/values as the file or provider gives them, long values cut */
  metadata: z.array(z.object({ key: z.string(), type: z.string(), value: z.string() })),
  /** findings of the reader that are no reason to refuse the file */
  warnings: z.array(z.string()),
})
export type ModelDetails = z.infer<typeof ModelDetails>

export const ModelStatus = z.object({
  model: ModelId,
  state: ModelState,
  reason: z.string().nullable(),
  stale: z.boolean(),
  instances: z.array(Instance),
})
export type ModelStatus = z.infer<typeof ModelStatus>

/** What is in one device's memory: the memory bar. used = Σ instances + other; unknown parts are null. */
export const DeviceResources = z.object({
  device: z.string(),
  name: z.string(),
  kind: z.enum(['cpu', 'gpu']),
  unified: z.boolean(),
  totalBytes: z.number().nullable(),
  usedBytes: z.number().nullable(),
  freeBytes: z.number().nullable(),
  otherBytes: z.number().nullable(),
  instances: z.array(
    z.object({
      instance: InstanceId,
      model: ModelId,
      bytes: z.number().nullable(),
      source: InstanceMemory.shape.source,
    }),
  ),
  utilization: z.number().nullable(),
  stale: z.boolean(),
})
export type DeviceResources = z.infer<typeof DeviceResources>
export const Resources = z.object({ at: z.number(), devices: z.array(DeviceResources) })
export type Resources = z.infer<typeof Resources>
