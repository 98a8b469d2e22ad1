import type { TensorRow } from '../modelFile.ts'
import { fromBits, last, type Packing, type Sibling, type Weighed } from './packing.ts'
import { packings } from './packings.ts'

export interface WeightCount {
  /** of the model before it was packed; null: the packing of some tensor is not told by shapes */
  readonly parameters: number | null
  /** `GPTQ 4-bit`, or the type most weights have; null: no weights */
  readonly quantization: string | null
}

/** Dimensions that a packing wrote into a tensor's data, by that tensor's name: `….weight_shape` of compressed-tensors. */
export type StoredShapes = ReadonlyMap<string, readonly number[]>

/** Positions and counters: no weights. */
const indexTypes = new Set(['I64', 'U64', 'BOOL'])
/** Matrices of these are packed in a way of which no table here knows. */
const wordTypes = new Set(['U8', 'U32', 'I32', 'I16', 'U16'])

interface Packed {
  readonly module: string
  readonly packing: Packing
  readonly weighed: Weighed | null
}

export const countWeights = (tensors: readonly TensorRow[], shapes: StoredShapes = new Map()): WeightCount => {
  const byName = new Map(tensors.map((row) => [row.name, row]))
  const known = [...packings, mlxAffine(mlxGroup(tensors, byName)), compressedTensors(shapes)]
  const types = new Set(known.flatMap((packing) => packing.types))
  const packed = new Map<string, Packed>()
  const companions = new Set<string>()
  for (const row of tensors) {
    const match = types.has(row.type) ? findPacking(row, known, byName) : null
    if (match === null) continue
    packed.set(row.name, match)
    for (const end of match.packing.companions) companions.add(match.module + end)
  }
  const weights = tensors.filter(
    (row) => packed.has(row.name) || !(companions.has(row.name) || indexTypes.has(row.type)),
  )
  return { parameters: parametersOf(weights, packed), quantization: quantizationOf(weights, packed) }
}

const findPacking = (
  row: TensorRow,
  known: readonly Packing[],
  byName: ReadonlyMap<string, TensorRow>,
): Packed | null => {
  for (const packing of known) {
    if (!row.name.endsWith(packing.main) || !packing.types.includes(row.type)) continue
    const module = row.name.slice(0, -packing.main.length)
    const sibling: Sibling = (end) => byName.get(module + end)
    if (packing.needs.length > 0 && !packing.needs.some((end) => sibling(end) !== undefined)) continue
    const weighed = packing.weigh(row, sibling)
    if (weighed !== undefined) return { module, packing, weighed }
  }
  return null
}

const parametersOf = (weights: readonly TensorRow[], packed: ReadonlyMap<string, Packed>): number | null => {
  let total = 0
  let unexplained = 0
  for (const row of weights) {
    const match = packed.get(row.name)
    if (match?.weighed === null) return null
    total += match?.weighed.weights ?? row.elements
    if (match === undefined && row.shape.length > 1 && wordTypes.has(row.type)) unexplained += row.elements
  }
  return total === 0 || unexplained * 2 > total ? null : total
}

/** What most of the weights in matrices are stored as; of all tensors when there is no matrix. */
const quantizationOf = (weights: readonly TensorRow[], packed: ReadonlyMap<string, Packed>): string | null => {
  const matrices = weights.filter((row) => row.shape.length > 1)
  const counts = new Map<string, number>()
  for (const row of matrices.length > 0 ? matrices : weights) {
    const match = packed.get(row.name)
    const label = match === undefined ? row.type : labelOf(row, match)
    counts.set(label, (counts.get(label) ?? 0) + (match?.weighed?.weights ?? row.elements))
  }
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null
}

/** Schemes whose name tells the bits. */
const named = /[48]$/

const labelOf = (row: TensorRow, { packing, weighed }: Packed): string => {
  if (packing.scheme === 'FP8') return `FP8 (${row.type.slice(3)})`
  if (weighed === null || named.test(packing.scheme)) return packing.scheme
  return `${packing.scheme} ${Number(weighed.bits.toFixed(1))}-bit`
}

/** These are as wide as the model on the side that is packed. */
const asWide = /(^|\.)(embed_tokens|tok_embeddings|wte|q_proj|qkv_proj|gate_proj|lm_head|wq|w1)\.weight$/
const norm =
  /(^|\.)(input_layernorm|post_attention_layernorm|attention_norm|model\.norm|ln_f|final_layernorm|ln_1)\.weight$/

/**
 * How many weights share a scale in a file by MLX. Words and scales alone leave it open (4 bits by 64 look like 8 by 32),
 * but norms are never packed and tell how wide a row is.
 */
const mlxGroup = (tensors: readonly TensorRow[], byName: ReadonlyMap<string, TensorRow>): number | null => {
  const width = tensors.find((row) => row.shape.length === 1 && norm.test(row.name))?.elements
  const matrix = tensors.find((row) => row.type === 'U32' && asWide.test(row.name))
  const scales = matrix && byName.get(matrix.name.replace(/weight$/, 'scales'))
  if (width === undefined || scales === undefined) return null
  const group = width / last(scales)
  return [16, 32, 64, 128].includes(group) ? group : null
}

const mlxAffine = (group: number | null): Packing => ({
  scheme: 'MLX',
  main: '.weight',
  types: ['U32'],
  needs: ['.biases'],
  companions: ['.scales', '.biases'],
  weigh: (main, sibling) =>
    group === null ? null : fromBits(main, (32 * last(main)) / last(sibling('.scales')) / group),
})

const compressedTensors = (shapes: StoredShapes): Packing => ({
  scheme: 'compressed-tensors',
  main: '.weight_packed',
  types: ['I32'],
  needs: ['.weight_scale'],
  companions: [
    '.weight_scale',
    '.weight_zero_point',
    '.weight_shape',
    '.weight_g_idx',
    '.weight_global_scale',
    '.input_global_scale',
  ],
  weigh: (main) => {
    const inputs = shapes.get(main.name.replace(/packed$/, 'shape'))?.at(-1)
    return inputs === undefined ? null : fromBits(main, Math.floor((32 * last(main)) / inputs))
  },
})
