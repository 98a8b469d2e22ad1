import type { TensorTypeShare } from './modelFile.ts'

/** How much of a model each type of its tensors takes, largest first. */
export const tensorTypesOf = (tensors: Iterable<{ readonly type: string; readonly bytes: number }>) =>
  sumOf(tensors, ({ type, bytes }) => ({ type, bytes, tensors: 1 }))

/** The shares of several files of one model together. */
export const mergeTensorTypes = (shares: Iterable<TensorTypeShare>) => sumOf(shares, (share) => share)

const sumOf = <Item>(items: Iterable<Item>, shareOf: (item: Item) => TensorTypeShare): readonly TensorTypeShare[] => {
  const sums = new Map<string, { type: string; tensors: number; bytes: number }>()
  for (const item of items) {
    const { type, tensors, bytes } = shareOf(item)
    const sum = sums.get(type)
    if (sum === undefined) sums.set(type, { type, tensors, bytes })
    else {
      sum.tensors += tensors
      sum.bytes += bytes
    }
  }
  return [...sums.values()].sort((one, other) => other.bytes - one.bytes)
}
