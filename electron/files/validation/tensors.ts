import type { TensorRow as Row } from '../../../shared/contract/files.ts'
import type { TensorRow } from '../formats/modelFile.ts'

export interface TensorQuery {
  /** a part of the name, or a type; case does not count */
  readonly search?: string | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

export interface TensorPage {
  readonly tensors: Row[]
  /** that match, on this page or not */
  readonly total: number
}

const defaultLimit = 1_000

export const pageOf = (tensors: readonly TensorRow[], query: TensorQuery): TensorPage => {
  const { search = '', limit = defaultLimit, offset = 0 } = query
  const wanted = search.trim().toLowerCase()
  const found =
    wanted === ''
      ? tensors
      : tensors.filter(({ name, type }) => name.toLowerCase().includes(wanted) || type.toLowerCase() === wanted)
  const rows = found.slice(offset, offset + limit).map((row) => ({ ...row, shape: [...row.shape] }))
  return { tensors: rows, total: found.length }
}
