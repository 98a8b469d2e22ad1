import type { ModelGeometry, WeightBytes } from '../modelFile.ts'
import { embeddingArchitectures } from './architectures.ts'
import type { Facts } from './facts.ts'
import type { GgufTensor } from './ggufFile.ts'

/** Old files hold one tensor per expert, newer ones all experts of a layer in one. Shared experts are not routed. */
export const isRoutedExpert = (name: string): boolean =>
  /\.ffn_(up|down|gate|gate_up)_(ch)?exps\b/.test(name) || /^blk\.\d+\.ffn_(up|down|gate)\.\d+\./.test(name)

export const geometryOf = (facts: Facts, tensors: readonly GgufTensor[]): ModelGeometry => {
  const own = (key: string) => facts.integer(facts.own(key))
  const perLayer = (key: string) => facts.perLayer(facts.own(key))
  const recurrent = perLayer('attention.recurrent_layers')
  return {
    blockCount: own('block_count'),
    embeddingLength: own('embedding_length'),
    vocabSize: facts.count('tokenizer.ggml.tokens') ?? own('vocab_size') ?? embeddingRows(tensors),
    feedForwardLength: perLayer('feed_forward_length'),
    headCount: perLayer('attention.head_count'),
    headCountKv: perLayer('attention.head_count_kv'),
    keyLength: own('attention.key_length'),
    valueLength: own('attention.value_length'),
    keyLengthSwa: own('attention.key_length_swa'),
    valueLengthSwa: own('attention.value_length_swa'),
    keyLengthMla: own('attention.key_length_mla'),
    valueLengthMla: own('attention.value_length_mla'),
    kvLoraRank: own('attention.kv_lora_rank'),
    ropeDimensionCount: own('rope.dimension_count'),
    slidingWindow: own('attention.sliding_window'),
    slidingWindowPattern: perLayer('attention.sliding_window_pattern'),
    sharedKvLayers: own('attention.shared_kv_layers'),
    nextnPredictLayers: own('nextn_predict_layers'),
    expertCount: own('expert_count'),
    expertUsedCount: own('expert_used_count'),
    expertFeedForwardLength: perLayer('expert_feed_forward_length'),
    indexerKeyLength: own('attention.indexer.key_length'),
    fullAttentionInterval: own('full_attention_interval'),
    recurrentLayers: typeof recurrent === 'object' ? recurrent : null,
    ssmConvKernel: own('ssm.conv_kernel'),
    ssmInnerSize: own('ssm.inner_size'),
    ssmStateSize: own('ssm.state_size'),
    ssmGroupCount: own('ssm.group_count'),
    ssmTimeStepRank: own('ssm.time_step_rank'),
    wkvHeadSize: own('wkv.head_size'),
    tokenShiftCount: own('token_shift_count'),
    shortconvCache: own('shortconv.l_cache'),
    kdaHeadDim: own('kda.head_dim'),
    causalAttention: facts.truth(facts.own('attention.causal')),
    poolingType: own('pooling_type'),
    weights: weightBytes(tensors, embeddingArchitectures.has(facts.architecture ?? '')),
  }
}

const embeddingRows = (tensors: readonly GgufTensor[]): number | null =>
  tensors.find((tensor) => tensor.name === 'token_embd.weight')?.dimensions[1] ?? null

const inputEmbedding = /^(token_embd|per_layer_token_embd|token_types|position_embd)\./
/** llama.cpp allows 512; a number out of a tensor's name must not size a list. */
const mostLayers = 4096

const weightBytes = (tensors: readonly GgufTensor[], isEncoder: boolean): WeightBytes => {
  const layers: number[] = []
  const layerExperts: number[] = []
  let total = 0
  let inputEmbeddings = 0
  let tokenEmbedding = 0
  let other = 0
  for (const { name, sizeBytes } of tensors) {
    total += sizeBytes
    const layer = /^blk\.(\d{1,4})\./.exec(name)?.[1]
    if (layer !== undefined && Number(layer) < mostLayers) {
      while (layers.length <= Number(layer)) {
        layers.push(0)
        layerExperts.push(0)
      }
      layers[Number(layer)] = (layers[Number(layer)] ?? 0) + sizeBytes
      if (isRoutedExpert(name)) layerExperts[Number(layer)] = (layerExperts[Number(layer)] ?? 0) + sizeBytes
    } else if (inputEmbedding.test(name)) {
      inputEmbeddings += sizeBytes
      if (name === 'token_embd.weight') tokenEmbedding += sizeBytes
    } else {
      other += sizeBytes
    }
  }
  const tiedEmbeddings = !isEncoder && tokenEmbedding > 0 && !tensors.some((tensor) => tensor.name === 'output.weight')
  return { total, inputEmbeddings, tokenEmbedding, layers, other, layerExperts, tiedEmbeddings }
}
