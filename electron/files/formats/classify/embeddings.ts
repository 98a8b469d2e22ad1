import type { Classification } from './classification.ts'
import type { KeyIndex, NamedTensor } from './keyIndex.ts'

const mostTensors = 10

const byWidth: ReadonlyMap<number, readonly [architecture: string, label: string]> = new Map([
  [768, ['sd1', 'Stable Diffusion 1']],
  [1024, ['sd2', 'Stable Diffusion 2']],
  [1280, ['sdxl', 'SDXL']],
])

/** A word for an image model: a few vectors as wide as its text encoder. */
export const classifyEmbedding = (keys: KeyIndex, tensors: readonly NamedTensor[]): Classification | null => {
  if (keys.count === 0 || keys.count > mostTensors) return null
  const wide = keys.find('clip_g')
  if (wide !== null && keys.find('clip_l') !== null) return embedding(wide, ['sdxl', 'SDXL'])
  const named = keys.find('emb_params') ?? keys.find('string_to_param.*') ?? keys.find('*string_to_param*')
  if (named !== null) return embedding(named, byWidth.get(named.shape.at(-1) ?? 0))
  // diffusers: one tensor, called as the token
  const [only] = tensors
  if (tensors.length !== 1 || only === undefined || only.shape.length > 2 || only.name.includes('.weight')) return null
  const base = byWidth.get(only.shape.at(-1) ?? 0)
  return base === undefined || (only.shape.length === 2 && (only.shape[0] ?? 0) > 256) ? null : embedding(only, base)
}

const embedding = (tensor: NamedTensor, base: readonly [string, string] | undefined): Classification => {
  const count = tensor.shape.length > 1 ? (tensor.shape[0] ?? 1) : 1
  return {
    role: 'textual-inversion',
    architecture: base?.[0] ?? null,
    label: `${base === undefined ? '' : `${base[1]} `}embedding, ${count} token${count === 1 ? '' : 's'}`,
    base: base?.[1] ?? null,
    rank: null,
    source: tensor.name,
    notes: [],
  }
}
