import type { EmbeddingLoadModelConfig, LLMLoadModelConfig } from '@lmstudio/sdk'
import type { KvCacheType, LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { ListedModel } from './lmStudioSchemas.ts'

export const ignoredOptions = {
  threads: 'LM Studio takes the number of threads from its own settings of each model (My Models, Load).',
} as const satisfies Partial<Record<keyof LoadOptions, string>>

/** A load in the SDK's words. */
export type SdkLoad = {
  readonly type: 'llm' | 'embedding'
  readonly config: LLMLoadModelConfig & EmbeddingLoadModelConfig
  /** seconds without use; null: it stays */
  readonly ttlSeconds: number | null
}

type Cache = Exclude<NonNullable<LLMLoadModelConfig['llamaKCacheQuantizationType']>, boolean>
const cacheTypes: Readonly<Record<KvCacheType, Cache | null>> = {
  f32: 'f32',
  f16: 'f16',
  bf16: null,
  q8_0: 'q8_0',
  q5_1: 'q5_1',
  q5_0: 'q5_0',
  q4_1: 'q4_1',
  q4_0: 'q4_0',
  iq4_nl: 'iq4_nl',
}

/** @throws AppError VERB_NOT_SUPPORTED for what cannot be said in these words */
export const toSdkLoad = (options: LoadOptions, { type, format }: ListedModel): SdkLoad => {
  refuseThreads(options)
  const { contextLength, gpuLayers, batchSize, mmap, keepAlive } = options
  if (typeof gpuLayers === 'number' && gpuLayers > 0)
    throw refused(
      'LM Studio offloads a share of the model, not a number of layers, and does not tell how many layers it has.',
      'Choose automatic, or 0 for none.',
    )
  if (format === 'mlx')
    refuse(
      options,
      ['gpuLayers', 'batchSize', 'flashAttention', 'kvCacheType', 'mmap'],
      'for its llama.cpp engine only, and this is an MLX model',
    )
  if (type === 'embedding') refuse(options, ['batchSize', 'flashAttention', 'kvCacheType'], 'for language models only')
  return {
    type: type === 'embedding' ? 'embedding' : 'llm',
    config: {
      ...(contextLength !== undefined && { contextLength }),
      ...(gpuLayers === 0 && { gpu: { ratio: 'off' } }),
      ...(batchSize !== undefined && { evalBatchSize: batchSize }),
      ...(mmap !== undefined && { tryMmap: mmap }),
      ...toAttention(options),
    },
    ttlSeconds: typeof keepAlive === 'number' ? keepAlive : null,
  }
}

/** A cache of values that is not f16 needs flash attention; f16 is how it is without a choice. */
const toAttention = ({ kvCacheType, flashAttention }: LoadOptions): LLMLoadModelConfig => {
  const own = flashAttention === undefined ? {} : { flashAttention }
  if (kvCacheType === undefined) return own
  if (kvCacheType === 'f16') return { ...own, llamaKCacheQuantizationType: false, llamaVCacheQuantizationType: false }
  const cache = cacheTypes[kvCacheType]
  if (cache === null)
    throw refused(`LM Studio has no KV cache of type ${kvCacheType}.`, 'Choose f16, f32 or a quantised one.')
  if (flashAttention === false)
    throw refused(
      `A KV cache of type ${kvCacheType} needs flash attention in LM Studio.`,
      'Switch flash attention on, or leave it to LM Studio.',
    )
  return { flashAttention: true, llamaKCacheQuantizationType: cache, llamaVCacheQuantizationType: cache }
}

/**
 * The body of POST /api/v1/models/load, for servers whose socket cannot be used.
 * @throws AppError VERB_NOT_SUPPORTED for what only the socket takes
 */
export const toRestLoad = (options: LoadOptions, model: ListedModel) => {
  toSdkLoad(options, model) // what it refuses is refused here too
  const { contextLength, batchSize, flashAttention } = options
  const onlySocket = (['kvCacheType', 'mmap'] as const).filter((name) => options[name] !== undefined)
  const others = [
    ...onlySocket,
    ...(options.gpuLayers === 0 ? ['gpuLayers'] : []),
    ...(typeof options.keepAlive === 'number' ? ['keepAlive'] : []),
  ]
  if (others.length > 0)
    throw refused(
      `LM Studio takes ${others.join(', ')} only over its socket, which cannot be used at this address.`,
      'Leave these options out, or let whatever stands between pass WebSockets.',
    )
  return {
    model: model.key,
    ...(contextLength !== undefined && { context_length: contextLength }),
    ...(batchSize !== undefined && { eval_batch_size: batchSize }),
    ...(flashAttention !== undefined && { flash_attention: flashAttention }),
  }
}

const refuseThreads = ({ threads }: LoadOptions): void => {
  if (threads !== undefined) throw refused(ignoredOptions.threads, 'Leave the option out.')
}

const refuse = (options: LoadOptions, names: readonly (keyof LoadOptions)[], why: string): void => {
  const asked = names.filter((name) => options[name] !== undefined && options[name] !== 'auto')
  if (asked.length > 0) throw refused(`LM Studio takes ${asked.join(', ')} ${why}.`, 'Leave these options out.')
}

const refused = (message: string, advice: string) => new AppError('VERB_NOT_SUPPORTED', message, { advice })
