import type { Pause } from '../turns.ts'

/** Values that are sorted, or merged, in one go: a millisecond or two. */
const atOnce = 10_000

/** All values of the lists, ascending. Millions of them take a while; others get their turn meanwhile. */
export const sortInTurns = async (lists: readonly (readonly number[])[], pause: Pause): Promise<Float64Array> => {
  const values = new Float64Array(lists.reduce((total, { length }) => total + length, 0))
  let filled = 0
  for (const list of lists) {
    values.set(list, filled)
    filled += list.length
    await pause()
  }
  for (let from = 0; from < values.length; from += atOnce) {
    values.subarray(from, from + atOnce).sort()
    await pause()
  }
  let [sorted, other] = [values, new Float64Array(values.length)]
  for (let width = atOnce; width < values.length; width *= 2) {
    await mergePairs(sorted, other, width, pause)
    ;[sorted, other] = [other, sorted]
  }
  return sorted
}

/** Each two neighbours of `width` values, sorted by themselves, become one in `to`. */
const mergePairs = async (from: Float64Array, to: Float64Array, width: number, pause: Pause): Promise<void> => {
  for (let start = 0; start < from.length; start += 2 * width) {
    const middle = Math.min(start + width, from.length)
    const end = Math.min(start + 2 * width, from.length)
    let [left, right] = [start, middle]
    for (let at = start; at < end; at++) {
      const isLeft = left < middle && (right >= end || (from[left] ?? 0) <= (from[right] ?? 0))
      to[at] = from[isLeft ? left++ : right++] ?? 0
      if (at % atOnce === 0) await pause()
    }
  }
}
