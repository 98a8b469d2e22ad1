import { adapterBases } from './adapterBases.ts'
import type { Classification } from './classification.ts'
import { createKeyIndex, type KeyIndex, type NamedTensor } from './keyIndex.ts'
import { firstMatch } from './rules.ts'

type Part = 'down' | 'up' | 'other'

/** How adapters call the parts beside a module, longest ending first. */
const endings: readonly (readonly [ending: string, part: Part, kind: string])[] = [
  ['.lora_linear_layer.down.weight', 'down', 'LoRA'],
  ['.lora_linear_layer.up.weight', 'up', 'LoRA'],
  ['.lora_A.default.weight', 'down', 'LoRA'],
  ['.lora_B.default.weight', 'up', 'LoRA'],
  ['.lora_magnitude_vector.default.weight', 'other', 'DoRA'],
  ['.lora_magnitude_vector.weight', 'other', 'DoRA'],
  ['.lora_magnitude_vector', 'other', 'DoRA'],
  ['.lora_down.weight', 'down', 'LoRA'],
  ['.lora_up.weight', 'up', 'LoRA'],
  ['.lora_mid.weight', 'other', 'LoCon'],
  ['.lora.down.weight', 'down', 'LoRA'],
  ['.lora.up.weight', 'up', 'LoRA'],
  ['_lora.down.weight', 'down', 'LoRA'],
  ['_lora.up.weight', 'up', 'LoRA'],
  ['_lora1.down.weight', 'down', 'LoRA'],
  ['_lora1.up.weight', 'up', 'LoRA'],
  ['_lora2.down.weight', 'down', 'LoRA'],
  ['_lora2.up.weight', 'up', 'LoRA'],
  ['.lora_A.weight', 'down', 'LoRA'],
  ['.lora_B.weight', 'up', 'LoRA'],
  ['.lora_embedding_A', 'down', 'LoRA'],
  ['.lora_embedding_B', 'up', 'LoRA'],
  ['.lora_B.bias', 'other', 'LoRA'],
  ['.lora_up.bias', 'other', 'LoRA'],
  ['.lora_A', 'down', 'LoRA'],
  ['.lora_B', 'up', 'LoRA'],
  ['.lora_a', 'down', 'LoRA'],
  ['.lora_b', 'up', 'LoRA'],
  ['.dora_scale', 'other', 'DoRA'],
  ['.hada_w1_a', 'up', 'LoHa'],
  ['.hada_w1_b', 'down', 'LoHa'],
  ['.hada_w2_a', 'other', 'LoHa'],
  ['.hada_w2_b', 'other', 'LoHa'],
  ['.hada_t1', 'other', 'LoHa'],
  ['.hada_t2', 'other', 'LoHa'],
  ['.lokr_w1_a', 'other', 'LoKr'],
  ['.lokr_w1_b', 'other', 'LoKr'],
  ['.lokr_w2_a', 'other', 'LoKr'],
  ['.lokr_w2_b', 'other', 'LoKr'],
  ['.lokr_w1', 'other', 'LoKr'],
  ['.lokr_w2', 'other', 'LoKr'],
  ['.lokr_t2', 'other', 'LoKr'],
  ['.oft_blocks', 'other', 'OFT'],
  ['.oft_diag', 'other', 'OFT'],
  ['.oft_R.weight', 'other', 'OFT'],
  ['.a1.weight', 'other', 'GLoRA'],
  ['.a2.weight', 'other', 'GLoRA'],
  ['.b1.weight', 'other', 'GLoRA'],
  ['.b2.weight', 'other', 'GLoRA'],
  ['.on_input', 'other', 'IA3'],
  ['.ia3_l', 'other', 'IA3'],
  ['.reshape_weight', 'other', 'full difference'],
  ['.set_weight', 'other', 'full difference'],
  ['.diff_b', 'other', 'full difference'],
  ['.diff', 'down', 'full difference'],
  ['.w_norm', 'other', 'full difference'],
  ['.b_norm', 'other', 'full difference'],
]

/** These stand beside any kind and say nothing by themselves. */
const neutral = ['.alpha', '.rescale']

/** What is named after the pieces that make it special; LoRA and full difference come with all of them. */
const byRarity = ['LoHa', 'LoKr', 'OFT', 'GLoRA', 'IA3', 'DoRA', 'LoCon', 'LoRA', 'full difference']

const endingOf = (name: string) => endings.find(([ending]) => name.endsWith(ending))

/** Only SDXL has several transformer blocks in one attention. */
const deep = /((?:attentions|_blocks_\d{1,3}|middle_block)_\d{1,3}_transformer_blocks)_[1-9]\d{0,3}_/

const flatName = ({ name }: NamedTensor): string => {
  const [ending = '', part = 'other'] = endingOf(name) ?? []
  const module = ending === '' ? name : name.slice(0, -ending.length)
  const suffix = ending.startsWith('_lora') ? '_lora' : ''
  return `${module.replaceAll('.', '_').replace(deep, '$1_deep_')}${suffix}~${part}`
}

/** A file whose tensors are mostly pieces beside the modules of another model. */
export const classifyAdapter = (keys: KeyIndex, tensors: readonly NamedTensor[]): Classification | null => {
  const kinds = new Map<string, NamedTensor>()
  for (const [ending, , kind] of endings) {
    const found = kinds.has(kind) ? null : keys.find(`*${ending}`)
    if (found !== null) kinds.set(kind, found)
  }
  const isControl = keys.find('lora_controlnet') !== null
  if (kinds.size === 0 && !isControl) return null
  const pieces = keys.endingIn([...endings.map(([ending]) => ending), ...neutral])
  if (pieces * 2 < keys.count && !isControl) return null // a model that has some adapters in it
  return adapterOf(kinds, tensors, isControl)
}

const adapterOf = (
  kinds: ReadonlyMap<string, NamedTensor>,
  tensors: readonly NamedTensor[],
  isControl: boolean,
): Classification => {
  const kind = byRarity.find((name) => kinds.has(name)) ?? 'LoRA'
  const base = firstMatch(createKeyIndex(tensors, flatName), adapterBases)
  const rank = rankOf(tensors)
  const name = isControl || isFluxControl(tensors, base?.architecture) ? `control ${kind}` : kind
  const words = [base?.label, name].filter((word) => word !== undefined).join(' ')
  return {
    role: 'adapter',
    architecture: base?.architecture || null,
    label: rank === null ? words : `${words}, rank ${rank}`,
    base: base?.label ?? null,
    rank,
    source: base?.source ?? kinds.get(kind)?.name ?? 'lora_controlnet',
    notes: [],
  }
}

/** The way in takes a picture beside the noise: 128 instead of 64 channels. */
const isFluxControl = (tensors: readonly NamedTensor[], architecture: string | undefined): boolean =>
  architecture === 'flux-1' &&
  tensors.some(({ name, shape }) => /(img_in|x_embedder)\.lora_(A|down)/.test(name) && shape[1] === 128)

const rankEndings = ['.lokr_w1_b', '.lokr_w2_b', '.hada_w2_b']

/** The smaller dimension of what goes in; the first, when it is a convolution. The highest of all modules. */
const rankOf = (tensors: readonly NamedTensor[]): number | null => {
  let rank = 0
  for (const { name, shape } of tensors) {
    const ending = endingOf(name)
    const tells =
      ending !== undefined && (ending[1] === 'down' || rankEndings.includes(ending[0])) && ending[0] !== '.diff'
    const [first = 0, second = first] = shape
    if (tells) rank = Math.max(rank, shape.length === 2 ? Math.min(first, second) : first)
  }
  return rank === 0 ? null : rank
}
