import type { TensorRow } from '../modelFile.ts'

/** A tensor beside another: the same name with the last part exchanged. */
export type Sibling = (suffix: string) => TensorRow | undefined

/** How one stored tensor holds more or other numbers than its shape says. */
export interface Packing {
  /** for people, without the bits */
  readonly scheme: string
  /** the end of the stored tensor's name; what stands before it is the module */
  readonly main: string
  readonly types: readonly string[]
  /** one of these stands beside it, by the ends of their names; empty: the name alone says it */
  readonly needs: readonly string[]
  /** what stands beside it and holds no weights of the model */
  readonly companions: readonly string[]
  /** weights and bits per weight; null: the shapes do not tell; undefined: it is not this scheme */
  weigh(main: TensorRow, sibling: Sibling): Weighed | null | undefined
}

export interface Weighed {
  readonly weights: number
  readonly bits: number
}

export const last = (row: TensorRow | undefined): number => row?.shape.at(-1) ?? 0
export const fixed =
  (perElement: number, bits: number) =>
  (main: TensorRow): Weighed => ({ weights: main.elements * perElement, bits })
/** Words of 32 bits, full of weights of these bits; null: no tool writes as many. */
export const fromBits = (main: TensorRow, bits: number): Weighed | null =>
  [1, 2, 3, 4, 5, 6, 8].includes(bits) ? { weights: Math.floor((main.elements * 32) / bits), bits } : null

/** GPTQ packs along the inputs, so its scales are as wide as the words; AWQ along the outputs. */
const isGptq = (main: TensorRow, sibling: Sibling) => last(main) === last(sibling('.scales'))

export const weighGptq = (main: TensorRow, sibling: Sibling) => {
  if (!isGptq(main, sibling)) return undefined
  const inputs = sibling('.g_idx')?.elements ?? 0
  const bits = inputs > 0 ? (32 * (main.shape[0] ?? 0)) / inputs : (32 * last(sibling('.qzeros'))) / last(main)
  return fromBits(main, bits)
}

export const weighAwq = (main: TensorRow, sibling: Sibling) =>
  fromBits(main, (32 * last(main)) / last(sibling('.scales')))

/** The trellis has a tile of 16 × 16 weights in 16 × bits words. */
export const weighExl3 = (main: TensorRow): Weighed | null => {
  const [rows, columns, words] = main.shape
  if (rows === undefined || columns === undefined || words === undefined) return null
  return { weights: rows * columns * 256, bits: words / 16 }
}

export const weighExl2 = (main: TensorRow, sibling: Sibling): Weighed | null => {
  const inputs = sibling('.q_invperm')?.elements ?? 0
  return inputs === 0 ? null : { weights: inputs * last(main), bits: (32 * (main.shape[0] ?? 0)) / inputs }
}

/** codes [out/o, in/i, n] of codebooks [n, size, o, i] */
export const weighAqlm = (main: TensorRow, sibling: Sibling): Weighed | null => {
  const [, size, perOut, perIn] = sibling('.codebooks')?.shape ?? []
  const [rows, columns, count] = main.shape
  if (size === undefined || perOut === undefined || perIn === undefined) return null
  if (rows === undefined || columns === undefined || count === undefined) return null
  return { weights: rows * perOut * columns * perIn, bits: (count * Math.log2(size)) / (perOut * perIn) }
}

/** MLX without biases: the microscaling kinds, told by how many words share a scale. */
export const weighMlxMicro = (main: TensorRow, sibling: Sibling) => {
  if (sibling('.biases') !== undefined) return undefined // affine: see countWeights
  const bits = new Map([
    [4, 4],
    [2, 4],
    [8, 8],
  ]).get(last(main) / last(sibling('.scales')))
  return bits === undefined ? null : fromBits(main, bits)
}
