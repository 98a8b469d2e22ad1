import { z } from 'zod'
import { ChatAnswer, ChatRequest, EmbedRequest, EmbedResult } from './answers.ts'
import { procedure } from './base.ts'
import { Job } from './jobs.ts'
import { AdapterChange, Adapters, CreateRequest, NameVerdict, Removal } from './modelCare.ts'
import { ModelId } from './modelId.ts'
import {
  Instance,
  InstanceId,
  KeepAlive,
  LoadOptions,
  Model,
  ModelDetails,
  ModelState,
  ModelStatus,
  Resources,
} from './models.ts'

const ModelQuery = z.strictObject({ model: ModelId })
/** What a provider that is asked, or that should be there, may fail with. */
export const providerFaults = [
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
