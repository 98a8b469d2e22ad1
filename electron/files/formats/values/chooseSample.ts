import type { TensorRow } from '../modelFile.ts'
import { type ValueLayout, valueLayout } from './valueLayouts.ts'

interface Piece {
  /** in the tensor's file */
  readonly offset: number
  readonly length: number
}

export interface Sampled {
  readonly row: TensorRow
  readonly layout: ValueLayout
  /** of whole blocks, inside the tensor; one or two */
  readonly pieces: readonly Piece[]
}

const mostTensors = 64
/** of one tensor; with the number of tensors this bounds what is read of a model to 4 MiB */
const mostBytes = 64 << 10

/** FNV-1a: spreads names that differ in a digit. */
const spread = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/**
 * At most 64, one of each stretch of the list, the last one always: what a download did not write is at the end. Which
 * of a stretch is decided by its names: the same for the same model, and not each time the same layer's part.
 */
const chosen = <T extends { readonly row: TensorRow }>(candidates: readonly T[]): readonly T[] => {
  if (candidates.length <= mostTensors) return candidates
  const picked: T[] = []
  for (let n = 0; n < mostTensors; n++) {
    const from = Math.floor((n * candidates.length) / mostTensors)
    const stretch = candidates.slice(from, Math.floor(((n + 1) * candidates.length) / mostTensors))
    const one = n === mostTensors - 1 ? stretch.at(-1) : stretch[spread(stretch[0]?.row.name ?? '') % stretch.length]
    if (one) picked.push(one)
  }
  return picked
}

/** A small tensor whole; of a large one its beginning and its end. */
const piecesOf = (offset: number, bytes: number, blockBytes: number): readonly Piece[] => {
  const whole = Math.floor(bytes / blockBytes) * blockBytes
  if (whole <= mostBytes) return [{ offset, length: whole }]
  const length = Math.floor(mostBytes / 2 / blockBytes) * blockBytes
  return [
    { offset, length },
    { offset: offset + whole - length, length },
  ]
}

/** In the order of the file, of tensors that have bytes of their own and a type with floats in a known place. */
export const chooseSample = (tensors: readonly TensorRow[]): readonly Sampled[] => {
  const candidates = tensors.flatMap((row) => {
    const layout = valueLayout(row.type)
    return layout && row.offset !== null && row.bytes >= layout.blockBytes ? [{ row, layout, offset: row.offset }] : []
  })
  candidates.sort((one, other) => {
    const [file, otherFile] = [one.row.file ?? '', other.row.file ?? '']
    return file === otherFile ? one.offset - other.offset : file < otherFile ? -1 : 1
  })
  return chosen(candidates).map(({ row, layout, offset }) => ({
    row,
    layout,
    pieces: piecesOf(offset, row.bytes, layout.blockBytes),
  }))
}
