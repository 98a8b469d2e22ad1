import { z } from 'zod'
import { ChatAnswer, ChatRequest, EmbedRequest, EmbedResult } from './answers.ts'
import { procedure } from './base.ts'
import { FactGroup } from './checks.ts'
import { Job } from './jobs.ts'
import { AdapterChange, Adapters, CreateRequest, NameVerdict, Removal } from './modelCare.ts'
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
const KeepAlive = z.union([z.literal('forever'), z.int().min(1).max(31_536_000)])

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
  /** a sentence for each verb that is false, in words for people */
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

const ModelQuery = z.strictObject({ model: ModelId })
const providerFaults = [
  'PROVIDER_UNREACHABLE',
  'PROVIDER_BAD_ANSWER',
  'PROVIDER_ERROR',
  'PROVIDER_TIMEOUT',
  'PROVIDER_KEY_REJECTED',
  'PROVIDER_NO_CREDIT',
  'PROVIDER_RATE_LIMITED',
  'PROVIDER_BUSY',
  'PROVIDER_PAUSED',
  'PROVIDER_WRONG_KIND',
  'PROVIDER_TOO_OLD',
] as const
/** A model of a provider, and something done to it there. */
const faultsOfVerb = ['MODEL_NOT_FOUND', 'VERB_NOT_SUPPORTED', 'CANCELLED', ...providerFaults] as const

/** A name within one provider. */
const Key = z.string().min(1).max(900)

export const models = {
  list: procedure({ method: 'GET', path: '/models', summary: 'All models of all providers', access: 'user' })
    .input(
      z.strictObject({
        search: z.string().max(200).optional(),
        provider: z.string().max(100).optional(),
        state: ModelState.optional(),
        capability: z.string().max(64).optional(),
        /** those that cost nothing for each answer, or the others */
        price: z.enum(['free', 'paid']).optional(),
      }),
    )
    .output(z.object({ models: z.array(Model) })),
  details: procedure(
    { method: 'GET', path: '/models/details', summary: 'Everything known about one model', access: 'user' },
    ['MODEL_NOT_FOUND', 'FILE_INVALID', 'PATH_UNUSABLE', 'VERB_NOT_SUPPORTED', ...providerFaults],
  )
    .input(ModelQuery)
    .output(ModelDetails),
  status: procedure(
    { method: 'GET', path: '/models/status', summary: 'State and instances of one model', access: 'user' },
    ['MODEL_NOT_FOUND', ...providerFaults],
  )
    .input(ModelQuery)
    .output(ModelStatus),
  resources: procedure({
    method: 'GET',
    path: '/models/resources',
    summary: 'What is in the memory of each device',
    access: 'user',
  }).output(Resources),
  instances: procedure({
    method: 'GET',
    path: '/models/instances',
    summary: 'Everything that is loaded now',
    access: 'user',
  }).output(z.object({ instances: z.array(Instance) })),
  load: procedure(
    {
      method: 'POST',
      path: '/models/load',
      summary: 'Load a model; answers the instance when it is loaded, or a job at once with wait: false',
      access: 'user',
    },
    [
      'MODEL_NOT_FOUND',
      'MODEL_NOT_LOADABLE',
      'FILE_INVALID',
      'PATH_UNUSABLE',
      'BUSY',
      'CANCELLED',
      'SET_ASIDE',
      'OUT_OF_MEMORY',
      'LOAD_FAILED',
      'ENGINE_CRASHED',
      'VERB_NOT_SUPPORTED',
      ...providerFaults,
    ],
  )
    .input(z.strictObject({ model: ModelId, options: LoadOptions.optional(), wait: z.boolean().optional() }))
    .output(z.union([Instance, Job])),
  unload: procedure(
    {
      method: 'POST',
      path: '/models/unload',
      summary: 'Unload a model; a load under way is cancelled',
      access: 'user',
    },
    ['MODEL_NOT_FOUND', 'BUSY', 'VERB_NOT_SUPPORTED', ...providerFaults],
  )
    .input(
      z.strictObject({
        model: ModelId,
        /** one of several instances; all of them when left out */
        instance: InstanceId.optional(),
      }),
    )
    .output(ModelStatus),
  keepAlive: procedure(
    {
      method: 'POST',
      path: '/models/keep-alive',
      summary: 'How long a loaded model stays without use, or pin it',
      access: 'user',
    },
    ['MODEL_NOT_LOADED', 'BUSY', ...faultsOfVerb],
  )
    .input(z.strictObject({ model: ModelId, keepAlive: KeepAlive }))
    .output(ModelStatus),
  chat: procedure(
    {
      method: 'POST',
      path: '/models/chat',
      summary: 'One answer of a loaded model: whole, or as server-sent events with stream: true',
      access: 'user',
    },
    [
      'MODEL_NOT_FOUND',
      'MODEL_NOT_LOADED',
      'BUSY',
      'CANCELLED',
      'OUT_OF_MEMORY',
      'ENGINE_CRASHED',
      'VERB_NOT_SUPPORTED',
      ...providerFaults,
    ],
  )
    .input(ChatRequest)
    .output(ChatAnswer),
  embed: procedure({ method: 'POST', path: '/models/embed', summary: 'Embeddings of some texts', access: 'user' }, [
    'MODEL_NOT_LOADED',
    'BUSY',
    'OUT_OF_MEMORY',
    'ENGINE_CRASHED',
    ...faultsOfVerb,
  ])
    .input(EmbedRequest)
    .output(EmbedResult),
  pull: procedure(
    { method: 'POST', path: '/models/pull', summary: 'Let a provider download a model', access: 'user' },
    ['PROVIDER_NOT_FOUND', 'NAME_INVALID', 'BUSY', ...faultsOfVerb],
  )
    .input(
      z.strictObject({
        /** `provider/name`, e.g. `ollama/qwen3:8b` */
        model: ModelId,
        /** for providers that take it apart from the name, e.g. `Q4_K_M` */
        quantization: z.string().min(1).max(64).optional(),
        /** over http without encryption, for a registry of your own */
        insecure: z.boolean().optional(),
      }),
    )
    .output(Job),
  push: procedure({ method: 'POST', path: '/models/push', summary: 'Upload a model to its registry', access: 'user' }, [
    'NAME_INVALID',
    'BUSY',
    ...faultsOfVerb,
  ])
    .input(z.strictObject({ model: ModelId, insecure: z.boolean().optional() }))
    .output(Job),
  create: procedure(
    {
      method: 'POST',
      path: '/models/create',
      summary: 'Make a model of a file, a folder or another model',
      access: 'user',
    },
    ['PROVIDER_NOT_FOUND', 'NAME_INVALID', 'PATH_UNUSABLE', 'FILE_INVALID', 'BUSY', ...faultsOfVerb],
  )
    .input(CreateRequest)
    .output(Job),
  copy: procedure(
    {
      method: 'POST',
      path: '/models/copy',
      summary: 'A second name for a model, at the same provider',
      access: 'user',
    },
    ['NAME_INVALID', 'MODEL_EXISTS', 'BUSY', ...faultsOfVerb],
  )
    .input(z.strictObject({ model: ModelId, to: Key }))
    .output(z.object({ model: ModelId })),
  rename: procedure(
    {
      method: 'POST',
      path: '/models/rename',
      summary: 'Another name for a model, at the same provider',
      access: 'user',
    },
    ['NAME_INVALID', 'MODEL_EXISTS', 'BUSY', ...faultsOfVerb],
  )
    .input(z.strictObject({ model: ModelId, to: Key }))
    .output(z.object({ model: ModelId })),
  removal: procedure(
    { method: 'GET', path: '/models/removal', summary: 'What removing a model would free', access: 'user' },
    faultsOfVerb,
  )
    .input(ModelQuery)
    .output(Removal),
  remove: procedure(
    { method: 'POST', path: '/models/remove', summary: 'Remove a model from its provider for good', access: 'user' },
    ['BUSY', ...faultsOfVerb],
  )
    .input(z.strictObject({ model: ModelId }))
    .output(Removal),
  adapters: procedure(
    { method: 'GET', path: '/models/adapters', summary: 'LoRA adapters of a running model', access: 'user' },
    ['MODEL_NOT_LOADED', ...faultsOfVerb],
  )
    .input(ModelQuery)
    .output(Adapters),
  changeAdapter: procedure(
    { method: 'POST', path: '/models/adapters', summary: 'Scale, add or remove one LoRA adapter', access: 'user' },
    ['MODEL_NOT_LOADED', 'BUSY', ...faultsOfVerb],
  )
    .input(z.strictObject({ model: ModelId, change: AdapterChange }))
    .output(Adapters),
  validateName: procedure({
    method: 'POST',
    path: '/models/validate-name',
    summary: 'What is wrong with a name, and with a version',
    access: 'user',
  })
    .input(z.strictObject({ name: z.string().max(2000), version: z.string().max(300).optional() }))
    .output(NameVerdict),
}
