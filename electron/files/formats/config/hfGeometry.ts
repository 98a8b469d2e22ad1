import type { ModelGeometry, PerLayer } from '../modelFile.ts'
import type { ConfigReader } from './configReader.ts'
import { type LayerKinds, layerKinds, mostLayers } from './hfLayers.ts'

export type HfGeometry = Omit<ModelGeometry, 'weights'>

/** Names of one number through the generations of model families, the most usual first. */
export const names = {
  hidden: ['hidden_size', 'n_embd', 'd_model', 'dim', 'model_dim'],
  layers: ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers', 'num_decoder_layers', 'decoder_layers'],
  heads: ['num_attention_heads', 'n_head', 'num_heads', 'n_heads', 'decoder_attention_heads', 'num_query_heads'],
  kvHeads: ['num_key_value_heads', 'n_head_kv', 'num_kv_heads', 'n_kv_heads', 'multi_query_group_num'],
  headDim: ['head_dim', 'd_kv', 'kv_channels', 'attention_head_dim'],
  feedForward: ['intermediate_size', 'ffn_dim', 'n_inner', 'd_ff', 'ffn_hidden_size', 'hidden_dim', 'decoder_ffn_dim'],
  vocab: ['vocab_size', 'padded_vocab_size', 'n_vocab'],
  context: [
    'max_position_embeddings',
    'n_positions',
    'max_seq_len',
    'seq_length',
    'max_sequence_length',
    'max_target_positions',
    'n_ctx',
  ],
  experts: ['num_local_experts', 'num_experts', 'n_routed_experts', 'moe_num_experts', 'num_routed_experts'],
  expertsUsed: [
    'num_experts_per_tok',
    'moe_topk',
    'num_experts_per_token',
    'moe_k',
    'moe_router_topk',
    'top_k_experts',
  ],
  expertFeedForward: ['moe_intermediate_size', 'expert_ffn_hidden_size', 'moe_ffn_hidden_size', 'ffn_hidden_size_moe'],
} as const

/** Families whose window every layer has, and those with a period when the file names none. */
const allSliding = new Set(['mistral', 'mixtral', 'phi3', 'starcoder2'])
const slidingPeriods = new Map([
  ['gemma2', 2],
  ['gemma3', 6],
  ['gemma3_text', 6],
  ['cohere2', 4],
  ['gpt_oss', 2],
  ['olmo3', 4],
])

export const geometryOf = (reader: ConfigReader, modelType: string | null, isEncoder: boolean): HfGeometry => {
  const integer = (...keys: readonly string[]) => reader.integer(...keys)?.value ?? null
  const blockCount = integer(...names.layers)
  const kinds: LayerKinds =
    blockCount !== null && blockCount <= mostLayers
      ? layerKinds(reader, blockCount)
      : { sliding: null, recurrent: null }
  const expertCount = integer(...names.experts)
  const hasExperts = expertCount !== null && expertCount > 1
  const feedForward = perLayer(reader, names.feedForward)
  return {
    ...attention(reader, kinds, isEncoder),
    ...window(reader, modelType, blockCount, kinds),
    ...state(reader, kinds),
    blockCount,
    embeddingLength: integer(...names.hidden),
    vocabSize: integer(...names.vocab),
    feedForwardLength: feedForward,
    nextnPredictLayers: integer('num_nextn_predict_layers', 'mtp_num_hidden_layers'),
    expertCount: hasExperts ? expertCount : null,
    expertUsedCount: hasExperts ? integer(...names.expertsUsed) : null,
    expertFeedForwardLength: hasExperts ? (perLayer(reader, names.expertFeedForward) ?? feedForward) : null,
    poolingType: null,
  }
}

const perLayer = (reader: ConfigReader, keys: readonly string[]): PerLayer | null => {
  const one = reader.integer(...keys)?.value
  if (one !== undefined) return one
  const list = reader.integers(...keys)?.value ?? null
  return list !== null && list.length > 0 && list.length <= mostLayers ? list : null
}

const attention = (reader: ConfigReader, { recurrent }: LayerKinds, isEncoder: boolean) => {
  const integer = (...keys: readonly string[]) => reader.integer(...keys)?.value ?? null
  const headCount = perLayer(reader, names.heads)
  const isMultiQuery = reader.truth('multi_query')?.value === true && !reader.integer('multi_query_group_num')
  const kvHeads = perLayer(reader, names.kvHeads) ?? (isMultiQuery ? 1 : headCount)
  const hidden = integer(...names.hidden)
  const headDim =
    integer(...names.headDim) ??
    (hidden !== null && typeof headCount === 'number' && headCount > 0 ? hidden / headCount : null)
  const rank = integer('kv_lora_rank')
  const rope = integer('qk_rope_head_dim')
  const nope = integer('qk_nope_head_dim')
  const isMla = rank !== null && rank > 0 && rope !== null && nope !== null
  const keyless = recurrent !== null && typeof kvHeads === 'number' && !reader.integer('full_attention_interval')
  return {
    headCount,
    // as GGUF files say it: one compressed row for all heads
    headCountKv: isMla ? 1 : keyless ? recurrent.map((is) => (is === 1 ? 0 : kvHeads)) : kvHeads,
    keyLength: isMla ? rank + rope : headDim,
    valueLength: isMla ? rank : headDim,
    keyLengthMla: isMla ? nope + rope : null,
    valueLengthMla: isMla ? integer('v_head_dim') : null,
    kvLoraRank: isMla ? rank : null,
    ropeDimensionCount: isMla ? rope : ropeDimensions(reader, headDim),
    keyLengthSwa: integer('swa_head_dim'),
    valueLengthSwa: integer('swa_v_head_dim'),
    sharedKvLayers: integer('num_kv_shared_layers'),
    indexerKeyLength: integer('index_head_dim'),
    causalAttention: isEncoder ? false : null,
  }
}

const ropeDimensions = (reader: ConfigReader, headDim: number | null): number | null => {
  const partial = reader.number('partial_rotary_factor', 'rotary_pct')?.value
  return (
    reader.integer('rotary_dim')?.value ??
    (partial !== undefined && headDim !== null ? Math.round(partial * headDim) : null)
  )
}

const window = (reader: ConfigReader, modelType: string | null, layers: number | null, { sliding }: LayerKinds) => {
  const isOff = reader.truth('use_sliding_window')?.value === false
  const length = isOff ? null : (reader.integer('sliding_window', 'attention_chunk_size')?.value ?? null)
  if (length === null || length === 0) return { slidingWindow: null, slidingWindowPattern: null }
  const family = modelType ?? ''
  const dense = reader.integer('max_window_layers')?.value
  const count = layers !== null && layers <= mostLayers ? layers : 0
  const byFamily = allSliding.has(family)
    ? new Array<number>(count).fill(1)
    : family.startsWith('qwen') && dense !== undefined
      ? Array.from({ length: count }, (_, layer) => Number(layer >= dense))
      : (slidingPeriods.get(family) ?? null)
  const period = reader.integer('sliding_window_pattern', '_sliding_window_pattern')?.value
  return { slidingWindow: length, slidingWindowPattern: sliding ?? period ?? byFamily }
}

/** Of layers that keep a state instead of a cache. */
const state = (reader: ConfigReader, { recurrent }: LayerKinds) => {
  const integer = (...keys: readonly string[]) => reader.integer(...keys)?.value ?? null
  const hidden = integer(...names.hidden)
  const valueHeads = integer('linear_num_value_heads')
  const valueDim = integer('linear_value_head_dim')
  const expand = reader.number('mamba_expand', 'expand')?.value ?? null
  const heads = integer('mamba_n_heads', 'mamba_num_heads')
  const headDim = integer('mamba_d_head', 'mamba_head_dim')
  const inner =
    valueHeads !== null && valueDim !== null
      ? valueHeads * valueDim
      : heads !== null && headDim !== null
        ? heads * headDim
        : expand !== null && hidden !== null
          ? Math.round(expand * hidden)
          : null
  const wkvHeadSize = integer('head_size')
  return {
    recurrentLayers: recurrent,
    fullAttentionInterval: integer('full_attention_interval'),
    ssmConvKernel: integer('linear_conv_kernel_dim', 'mamba_d_conv', 'conv_kernel', 'd_conv'),
    ssmInnerSize: integer('mamba_d_ssm') ?? inner,
    ssmStateSize: integer('linear_key_head_dim', 'mamba_d_state', 'ssm_state_size', 'state_size'),
    ssmGroupCount: integer('linear_num_key_heads', 'mamba_n_groups', 'n_groups'),
    ssmTimeStepRank: valueHeads ?? heads ?? integer('mamba_dt_rank', 'time_step_rank'),
    wkvHeadSize,
    tokenShiftCount: wkvHeadSize === null ? null : 2,
    shortconvCache: integer('conv_L_cache'),
    kdaHeadDim: null,
  }
}
