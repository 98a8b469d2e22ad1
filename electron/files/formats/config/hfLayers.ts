import type { ConfigReader } from './configReader.ts'

/** What each layer does, where a configuration tells. 1 for each layer it is true of. */
export interface LayerKinds {
  readonly sliding: readonly number[] | null
  /** without a KV cache: linear attention, Mamba, convolution */
  readonly recurrent: readonly number[] | null
}

/** A number out of a file must not size a list. */
export const mostLayers = 4096

const slidingKinds = new Set(['sliding_attention', 'chunked_attention', 'sliding', 'local'])
const recurrentKinds = new Set([
  'linear_attention',
  'mamba',
  'mamba2',
  'ssm',
  'recurrent',
  'conv',
  'moe',
  'mlp',
  'lightning_attention',
])

/**
 * By `layer_types`, the pattern of letters of Nemotron-H, or the periods of Jamba and Qwen3-Next; null: nothing is told.
 * @param layers ≤ mostLayers
 */
export const layerKinds = (reader: ConfigReader, layers: number): LayerKinds => {
  const types = reader.strings('layer_types', 'layers_block_type', 'block_types')?.value
  if (types !== undefined && types.length > 0) {
    const at = (layer: number) => types[layer % types.length] ?? ''
    const all = Array.from({ length: layers }, (_, layer) => at(layer))
    return {
      sliding: listOrNull(all.map((kind) => Number(slidingKinds.has(kind)))),
      recurrent: listOrNull(all.map((kind) => Number(recurrentKinds.has(kind)))),
    }
  }
  const letters = reader.string('hybrid_override_pattern')?.value
  if (letters !== undefined)
    return {
      sliding: null,
      recurrent: listOrNull(Array.from({ length: layers }, (_, layer) => Number(letters[layer] !== '*'))),
    }
  const period = reader.integer('attn_layer_period')?.value
  if (period !== undefined && period > 0) {
    const offset = reader.integer('attn_layer_offset')?.value ?? 0
    return {
      sliding: null,
      recurrent: listOrNull(Array.from({ length: layers }, (_, layer) => Number(layer % period !== offset))),
    }
  }
  const interval = reader.integer('full_attention_interval')?.value
  if (interval !== undefined && interval > 0)
    return {
      sliding: null,
      recurrent: listOrNull(Array.from({ length: layers }, (_, layer) => Number((layer + 1) % interval !== 0))),
    }
  return { sliding: null, recurrent: null }
}

const listOrNull = (list: readonly number[]): readonly number[] | null =>
  list.some((value) => value !== 0) ? list : null
