/** What a tensor is for, as far as its name tells. */
export const parts = ['attention', 'feed-forward', 'experts', 'norm', 'embedding', 'output', 'other'] as const
export type Part = (typeof parts)[number]

export interface TensorPlace {
  /** the layers it is in, as its name calls them (`blk`, `model.layers`), and which of them; null: outside of layers */
  readonly layer: { readonly stack: string; readonly index: number } | null
  readonly part: Part
}

const has = (name: string, words: readonly string[]): boolean => words.some((word) => name.includes(word))

const segmentWords = {
  attention: [
    'wq',
    'wk',
    'wv',
    'wo',
    'qkv',
    'q_proj',
    'k_proj',
    'v_proj',
    'o_proj',
    'out_proj',
    'to_q',
    'to_k',
    'to_v',
  ],
  feedForward: ['w1', 'w2', 'w3', 'fc1', 'fc2', 'c_fc', 'c_proj', 'gate_proj', 'up_proj', 'down_proj', 'intermediate'],
} as const

const isNorm = (segments: readonly string[]): boolean =>
  segments.some((segment) => segment.includes('norm') || /^ln(_|\d|$)/.test(segment) || segment.endsWith('_ln'))

const partOf = (rest: string, isInLayer: boolean): Part => {
  const segments = rest.split('.')
  const hasSegment = (words: readonly string[]) => segments.some((segment) => words.includes(segment))
  if (isNorm(segments)) return 'norm'
  if (has(rest, ['expert', '_exps', '_shexp', 'gate_inp', 'moe'])) return 'experts'
  if (has(rest, ['attn', 'attention']) || hasSegment(segmentWords.attention)) return 'attention'
  if (has(rest, ['ffn', 'mlp', 'feed_forward', 'feedforward']) || hasSegment(segmentWords.feedForward))
    return 'feed-forward'
  if (!isInLayer && has(rest, ['embd', 'embed', 'wte', 'wpe', 'tok_embeddings', 'shared.weight'])) return 'embedding'
  if (!isInLayer && has(rest, ['output', 'lm_head', 'classifier', 'score', 'embed_out'])) return 'output'
  // an encoder's `layer.0.output.dense` closes its feed-forward part
  return isInLayer && segments[0] === 'output' ? 'feed-forward' : 'other'
}

/** Reads `blk.12.attn_q.weight`, `model.layers.12.self_attn.q_proj.weight`, `transformer.h.0.mlp.c_fc.bias` and the like. */
export const placeOfTensor = (name: string): TensorPlace => {
  const segments = name.toLowerCase().split('.')
  const at = segments.findIndex((segment, index) => index > 0 && /^\d{1,5}$/.test(segment))
  if (at < 0) return { layer: null, part: partOf(name.toLowerCase(), false) }
  const stack = segments.slice(0, at).join('.')
  return { layer: { stack, index: Number(segments[at]) }, part: partOf(segments.slice(at + 1).join('.'), true) }
}

export interface MapTensor {
  readonly name: string
  readonly bytes: number
}

export interface MapPart {
  readonly part: Part
  readonly bytes: number
  readonly tensors: number
}

export interface MapGroup {
  /** `layer 12`, or `outside the layers` */
  readonly name: string
  readonly bytes: number
  readonly parts: readonly MapPart[]
}

/** Bytes by layer and, within it, by part: layers in their order, what is outside of them last. */
export const mapTensors = (tensors: readonly MapTensor[]): readonly MapGroup[] => {
  type Growing = { stack: string; index: number; parts: Map<Part, { bytes: number; tensors: number }> }
  const groups = new Map<string, Growing>()
  const stacks = new Map<string, number>()
  for (const { name, bytes } of tensors) {
    const { layer, part } = placeOfTensor(name)
    const stack = layer?.stack ?? ''
    const index = layer?.index ?? -1
    stacks.set(stack, (stacks.get(stack) ?? 0) + (layer === null ? 0 : bytes))
    const key = `${stack} ${index}`
    const group = groups.get(key) ?? { stack, index, parts: new Map() }
    groups.set(key, group)
    const before = group.parts.get(part) ?? { bytes: 0, tensors: 0 }
    group.parts.set(part, { bytes: before.bytes + bytes, tensors: before.tensors + 1 })
  }
  const main = [...stacks].sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
  const nameOf = ({ stack, index }: Growing): string =>
    index < 0 ? 'outside the layers' : stack === main ? `layer ${index}` : `${stack} ${index}`
  const order = (group: Growing) =>
    [group.index < 0 ? 2 : group.stack === main ? 0 : 1, group.stack, group.index] as const
  return [...groups.values()]
    .sort((a, b) => {
      const [one, other] = [order(a), order(b)]
      return one[0] - other[0] || (one[1] < other[1] ? -1 : one[1] > other[1] ? 1 : one[2] - other[2])
    })
    .map((group) => {
      const inOrder = parts.flatMap((part): MapPart[] => {
        const sum = group.parts.get(part)
        return sum === undefined ? [] : [{ part, ...sum }]
      })
      return { name: nameOf(group), bytes: inOrder.reduce((sum, { bytes }) => sum + bytes, 0), parts: inOrder }
    })
}

/** The same over all layers. */
export const sumParts = (groups: readonly MapGroup[]): readonly MapPart[] =>
  parts.flatMap((part) => {
    const found = groups.flatMap((group) => group.parts.filter((each) => each.part === part))
    if (found.length === 0) return []
    return [
      {
        part,
        bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
        tensors: found.reduce((sum, { tensors }) => sum + tensors, 0),
      },
    ]
  })
