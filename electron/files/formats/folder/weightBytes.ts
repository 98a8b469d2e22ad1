import { mostLayers } from '../config/hfLayers.ts'
import type { TensorRow, WeightBytes } from '../modelFile.ts'

/** `model.layers.3.`, `transformer.h.3.`, `encoder.layer.3.`: the stack and the number. */
const layerName = /^(.{0,200}?)\.?\b(layers|layer|h|blocks|block)\.(\d{1,4})\./

export interface LayerPlace {
  readonly stack: string
  readonly layer: number
}

export const layerOf = (name: string): LayerPlace | null => {
  const match = layerName.exec(name)
  if (match === null) return null
  const [, before = '', word = '', number = ''] = match
  return { stack: before === '' ? word : `${before}.${word}`, layer: Number(number) }
}

/** Not the stack of the language model. */
const side = /(^|\.|_)(vision|visual|audio|image|vit|siglip|mtp|talker|speech|connector|resampler|projector)/

export const isMainStack = (stack: string): boolean => !side.test(stack)

export const isTokenEmbedding = (name: string): boolean =>
  /(^|\.)(embed_tokens|wte|word_embeddings|tok_embeddings|shared|embed_in|token_embedding)\.weight$/.test(name) &&
  isMainStack(name)
const inputEmbedding =
  /(^|\.)(embed_tokens|wte|wpe|word_embeddings|tok_embeddings|embed_in|position_embeddings|token_type_embeddings|embed_positions|embed_tokens_per_layer)\./
const outputHead = /(^|\.)(lm_head|embed_out|output)\.(weight|qweight|q_weight|weight_packed|trellis)$/
const expert = /\.experts\./

/** Bytes by where a runtime puts them, from names in the manner of transformers. */
export const weightBytesOf = (tensors: readonly TensorRow[], isEncoder: boolean): WeightBytes => {
  const layers: number[] = []
  const layerExperts: number[] = []
  let [total, inputEmbeddings, tokenEmbedding, other] = [0, 0, 0, 0]
  for (const { name, bytes } of tensors) {
    total += bytes
    const place = layerOf(name)
    if (place !== null && place.layer < mostLayers && isMainStack(place.stack)) {
      while (layers.length <= place.layer) {
        layers.push(0)
        layerExperts.push(0)
      }
      layers[place.layer] = (layers[place.layer] ?? 0) + bytes
      if (expert.test(name)) layerExperts[place.layer] = (layerExperts[place.layer] ?? 0) + bytes
    } else if (inputEmbedding.test(name) && isMainStack(name)) {
      inputEmbeddings += bytes
      if (isTokenEmbedding(name)) tokenEmbedding += bytes
    } else {
      other += bytes
    }
  }
  const tiedEmbeddings = !isEncoder && tokenEmbedding > 0 && !tensors.some(({ name }) => outputHead.test(name))
  return { total, inputEmbeddings, tokenEmbedding, layers, other, layerExperts, tiedEmbeddings }
}
