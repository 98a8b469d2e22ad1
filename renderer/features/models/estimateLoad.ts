import type { KvCacheType, ModelDetails } from '../../../shared/contract/models.ts'
import type { LoadForm } from './loadForm.ts'

/** Bytes per element of a cache row; blocks of 32 with their scales. */
const cacheBytes: Record<KvCacheType, number> = {
  f32: 4,
  f16: 2,
  bf16: 2,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
  iq4_nl: 18 / 32,
}

export const kvCacheTypes = Object.keys(cacheBytes) as KvCacheType[] // the keys are exactly the types

/** Caches of these do not grow evenly with the context: windows, compressed or recurrent layers. */
const unevenKeys = [
  /\.attention\.sliding_window/,
  /\.attention\.key_length_mla$/,
  /\.attention\.recurrent_layers$/,
  /\.full_attention_interval$/,
  /\.ssm\./,
  /\.wkv\./,
  /\.shortconv\./,
]

/**
 * KV cache elements per token of context, all layers together, for models whose every layer keeps every token. null for
 * the others and where a number is not in the metadata: the cost is then not guessed.
 */
export const cacheElementsPerToken = (metadata: ModelDetails['metadata']): number | null => {
  if (metadata.some(({ key }) => unevenKeys.some((pattern) => pattern.test(key)))) return null
  const numberOf = (suffix: string): number | null => {
    const value = metadata.find(({ key }) => key.endsWith(suffix))?.value.replaceAll(',', '')
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : null
  }
  const layers = numberOf('.block_count')
  const heads = numberOf('.attention.head_count')
  const kvHeads = numberOf('.attention.head_count_kv') ?? heads
  const width = numberOf('.embedding_length')
  const headWidth = width !== null && heads ? width / heads : null
  const keyLength = numberOf('.attention.key_length') ?? headWidth
  const valueLength = numberOf('.attention.value_length') ?? headWidth
  if (layers === null || kvHeads === null || keyLength === null || valueLength === null) return null
  return layers * kvHeads * (keyLength + valueLength)
}

export interface LoadEstimate {
  /** null when even the default load could not be computed */
  readonly bytes: number | null
  /** what each 1,024 tokens of context cost with the chosen cache type */
  readonly bytesPer1024Tokens: number | null
  /** false: context or cache type were changed and their cost is not known, so `bytes` is that of the defaults */
  readonly exact: boolean
}

/** The default load's estimate, moved by what the chosen context and cache type cost more or less. */
export const estimateLoad = (
  model: { readonly estimatedBytes: number | null },
  elementsPerToken: number | null,
  defaultContext: number,
  form: Pick<LoadForm, 'contextLength' | 'kvCacheType'>,
): LoadEstimate => {
  const bytesPerToken = elementsPerToken === null ? null : elementsPerToken * cacheBytes[form.kvCacheType ?? 'f16']
  const bytesPer1024Tokens = bytesPerToken === null ? null : bytesPerToken * 1024
  const isDefault = form.contextLength === null && form.kvCacheType === null
  if (model.estimatedBytes === null || isDefault)
    return { bytes: model.estimatedBytes, bytesPer1024Tokens, exact: true }
  if (elementsPerToken === null || bytesPerToken === null)
    return { bytes: model.estimatedBytes, bytesPer1024Tokens, exact: false }
  const defaultCache = elementsPerToken * cacheBytes.f16 * defaultContext
  const chosenCache = bytesPerToken * (form.contextLength ?? defaultContext)
  return { bytes: Math.max(0, model.estimatedBytes - defaultCache + chosenCache), bytesPer1024Tokens, exact: true }
}
