import type { TensorRow } from '../../../shared/contract/files.ts'
import { compareValues, type SortValue } from '../../components/keepOrder.ts'

/** A broken file can name two tensors alike, so a row is known by its place. */
export type PlacedTensor = TensorRow & { readonly id: string }

export const placeTensors = (tensors: readonly TensorRow[]): readonly PlacedTensor[] =>
  tensors.map((tensor, index) => ({ ...tensor, id: String(index) }))

/** Every word stands in the name, or is the type. */
export const findTensors = (tensors: readonly PlacedTensor[], search: string): readonly PlacedTensor[] => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return tensors
  return tensors.filter(({ name, type }) => {
    const [inName, asType] = [name.toLowerCase(), type.toLowerCase()]
    return words.every((word) => inName.includes(word) || asType === word)
  })
}

export const shapeText = (shape: readonly number[]): string =>
  shape.length === 0 ? 'scalar' : shape.map((length) => length.toLocaleString('en-US')).join(' × ')

export type TensorColumn = 'name' | 'type' | 'shape' | 'elements' | 'bytes' | 'offset' | 'file'
export type TensorSort = { readonly column: TensorColumn; readonly descending: boolean }

const values: Record<TensorColumn, (tensor: TensorRow) => SortValue> = {
  name: ({ name }) => name,
  type: ({ type }) => type,
  shape: ({ shape }) => shape.length,
  elements: ({ elements }) => elements,
  bytes: ({ bytes }) => bytes,
  offset: ({ offset }) => offset,
  file: ({ file }) => file,
}

/** @param sort null: in the order of the file */
export const sortTensors = (tensors: readonly PlacedTensor[], sort: TensorSort | null): readonly PlacedTensor[] => {
  if (sort === null) return tensors
  const value = values[sort.column]
  return tensors.toSorted((a, b) => compareValues(value(a), value(b), sort.descending) || Number(a.id) - Number(b.id))
}
