import type { ModelState } from '../../../shared/contract/models.ts'
import { capabilitiesOf, certainLacksOf, roleOf } from '../openai/openAiCapabilities.ts'
import { group, grouped, plainDetails } from '../parts/facts.ts'
import { lacksOfRole } from '../parts/lacks.ts'
import { unknownInstance, unknownModel } from '../parts/unknown.ts'
import type { ProviderDetails, ProviderInstance, ProviderModel } from '../provider.ts'
import { isLoopback } from '../providerAddress.ts'
import { readCommand } from './llamaSwapCommand.ts'
import type { Running, SwapModel } from './llamaSwapSchemas.ts'

/** What llama-swap lists beside the models that it starts itself. */
const virtual: Readonly<Record<string, string>> = {
  alias: 'another name of one of its models',
  peer: 'a model of another server, to which it passes requests on',
  selector: 'a name that chooses one of its models for each request',
  profile: 'a profile of its models',
}

const typeOf = (model: SwapModel): string => model.meta?.llamaswap?.type ?? 'model'

export const toProviderModel = (model: SwapModel, path: string | null): ProviderModel => {
  const abilities = abilitiesOf(model)
  const isOwn = !Object.hasOwn(virtual, typeOf(model))
  const role = model.capabilities?.reranker === true ? 'reranker' : roleOf(model.id, abilities)
  return {
    ...unknownModel, // its `created` is the time of the question
    key: model.id,
    name: model.name || model.id,
    role,
    capabilities: allCapabilities(model),
    contextLength: model.meta?.n_ctx_train ?? null, // `context_length` is what it was started with
    path: isOwn ? path : null,
    lacks: {
      ...(role === 'reranker' ? lacksOfRole(role) : certainLacksOf(abilities)),
      ...(!isOwn && { load: notOwn(model), unload: notOwn(model) }),
    },
  }
}

const notOwn = (model: SwapModel): string =>
  `This is ${virtual[typeOf(model)]}: llama-swap loads and unloads the model that stands behind it.`

const abilitiesOf = ({ architecture, supported_parameters }: SwapModel) => ({
  input: architecture?.input_modalities,
  output: architecture?.output_modalities,
  parameters: supported_parameters,
})

const allCapabilities = (model: SwapModel): string[] => {
  const told = model.capabilities ?? {}
  const words: readonly (readonly [string, string])[] = [
    ['vision', 'vision'],
    ['function_calling', 'tools'],
    ['reranker', 'rerank'],
    ['audio_transcriptions', 'audio'],
    ['audio_speech', 'audio'],
    ['image_generation', 'image'],
  ]
  const more = words.flatMap(([name, word]) => (told[name] === true ? [word] : []))
  return [...new Set([...capabilitiesOf(abilitiesOf(model)), ...more])]
}

const states: Readonly<Record<string, ModelState>> = { ready: 'loaded', starting: 'loading', stopping: 'unloading' }

/** Null for a state in which nothing is in memory. */
export const toInstance = ({ model, state, cmd }: Running): ProviderInstance | null => {
  const known = states[state ?? '']
  if (known === undefined) return null
  const { options } = readCommand(cmd)
  // of the end it tells after how long without use, and not since when that counts
  return { ...unknownInstance, key: model, state: known, options, contextLength: options.contextLength ?? null }
}

/** Where its paths are ours. */
export const pathOf = ({ cmd }: Running, address: string): string | null =>
  isLoopback(address) ? readCommand(cmd).path : null

export const toDetails = (model: SwapModel, running: Running | null, path: string | null): ProviderDetails => {
  const { options } = readCommand(running?.cmd ?? null)
  return plainDetails([
    group('Identity', '/v1/models', [
      ['Name', model.id],
      ['Title', model.name],
      ['Description', model.description],
      ['Is', virtual[typeOf(model)] ?? 'a model that it starts'],
      ['File', path],
    ]),
    group('Abilities', '/v1/models', [
      ['Can', allCapabilities(model).join(', ')],
      ['Context length', model.context_length],
    ]),
    group('Running', '/running', [
      ['State', running?.state],
      ['Unloaded after', running?.ttl == null ? null : ttlWords(running.ttl)],
      ['Context', options.contextLength],
      ['GPU layers', options.gpuLayers],
      ['KV cache', options.kvCacheType],
    ]),
  ])
}

export const ttlWords = (seconds: number): string => (seconds > 0 ? `${grouped(seconds)} s without use` : 'never')
