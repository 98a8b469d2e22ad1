import type { Comparison } from '../../../shared/contract/files.ts'
import { compareInspections } from './compareInspections.ts'
import { labelOf } from './labelOf.ts'
import { inspectPath } from './ladder.ts'
import { pageOf, type TensorPage, type TensorQuery } from './tensors.ts'

export { climb } from './ladder.ts'
export { writeCopy } from './writeCopy.ts'

/** @throws FormatError */
export const tensorsOf = async (path: string, query: TensorQuery, signal: AbortSignal): Promise<TensorPage> =>
  pageOf((await inspectPath(path, signal)).tensors, query)

/** @throws FormatError */
export const compare = async (left: string, right: string, signal: AbortSignal): Promise<Comparison> => {
  const one = await inspectPath(left, signal)
  const other = await inspectPath(right, signal)
  return {
    left: { path: left, label: labelOf(one) },
    right: { path: right, label: labelOf(other) },
    ...compareInspections(one, other),
  }
}
