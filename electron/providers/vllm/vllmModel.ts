import type { LoadOptions } from '../../../shared/contract/models.ts'
import { roleOf } from '../openai/openAiCapabilities.ts'
import type { OpenAiModel } from '../openai/openAiModels.ts'
import { group, plainDetails, tokens } from '../parts/facts.ts'
import type { Lacks } from '../parts/lacks.ts'
import { unknownInstance, unknownModel } from '../parts/unknown.ts'
import type { ProviderDetails, ProviderInstance, ProviderModel } from '../provider.ts'
import { sleepOff } from './vllmFault.ts'
import type { VllmFigures } from './vllmMetrics.ts'

const noAbilities = { input: null, output: null, parameters: null }

export const isAdapter = (model: OpenAiModel): boolean => model.parent !== null && model.parent !== ''

/** Adapters say no length of their own. */
const contextOf = (model: OpenAiModel, list: readonly OpenAiModel[]): number | null =>
  model.max_model_len ?? list.find(({ id }) => id === model.parent)?.max_model_len ?? null

/** `sleeps`: sleep mode is there, so that the model can be taken out of the GPU's memory. */
export const toProviderModel = (model: OpenAiModel, list: readonly OpenAiModel[], sleeps: boolean): ProviderModel => {
  const adapter = isAdapter(model) ? `This is an adapter: it comes and goes with ${model.parent}.` : null
  return {
    // what it was started for is not told; `root` is the server's own path or name, `created` the time of the call
    ...unknownModel,
    key: model.id,
    name: model.id,
    reason: adapter,
    role: roleOf(model.id, noAbilities),
    loadable: adapter === null,
    contextLength: contextOf(model, list),
    lacks: lacksOf(adapter, sleeps),
  }
}

const lacksOf = (adapter: string | null, sleeps: boolean): Lacks => {
  if (adapter !== null) return { load: adapter, unload: adapter, adapters: adapter }
  return sleeps ? {} : { load: sleepOff, unload: sleepOff }
}

/** `first`: the figures of the engine stand at one of its names, so that nothing is counted twice. */
export const toInstance = (
  model: OpenAiModel,
  list: readonly OpenAiModel[],
  state: 'loaded' | 'loading' | 'unloading',
  figures: VllmFigures | null,
): ProviderInstance => {
  const first = list.find((each) => !isAdapter(each)) === model
  const { running, waiting, kvCacheUse } = (first ? figures : null) ?? {
    running: null,
    waiting: null,
    kvCacheUse: null,
  }
  return {
    ...unknownInstance, // its memory it tells nobody; what the driver shows is mostly the KV cache it set aside
    key: model.id,
    state,
    contextLength: contextOf(model, list),
    expiresAt: 'never',
    activeRequests: running === null ? null : running + (waiting ?? 0),
    kvCacheUse,
  }
}

export const toDetails = (model: OpenAiModel, list: readonly OpenAiModel[]): ProviderDetails =>
  plainDetails([
    group('Identity', '/v1/models', [
      ['Name', model.id],
      ['Loaded from', model.root],
      ['Adapter of', model.parent],
      ['Context length', tokens(contextOf(model, list))],
      ['Adapters', list.flatMap(({ id, parent }) => (parent === model.id ? [id] : [])).join(', ')],
    ]),
  ])

/** All of them are decided when vLLM starts. */
export const ignoredOptions = {
  contextLength: 'vLLM takes the context length when it starts: --max-model-len.',
  gpuLayers: 'vLLM keeps all layers on the GPU; --cpu-offload-gb, when it starts, moves a part of the weights out.',
  threads: 'vLLM takes its threads when it starts: VLLM_CPU_OMP_THREADS_BIND in its environment.',
  batchSize: 'vLLM takes the size of a batch when it starts: --max-num-batched-tokens.',
  flashAttention: 'vLLM chooses its attention when it starts: --attention-backend.',
  kvCacheType: 'vLLM takes the type of the KV cache when it starts: --kv-cache-dtype.',
  mmap: 'vLLM chooses how it reads the weights when it starts: --load-format.',
  keepAlive: 'vLLM holds its model for as long as it runs; unload it to put it to sleep.',
} satisfies Record<keyof LoadOptions, string>
