import { limits } from './limits.ts'

export interface Walk {
  /** where the first string that was not walked begins, in the window */
  readonly at: number
  readonly walked: number
  /** bytes that must be in the window from `at` on to go further; Infinity: its length is over the limit */
  readonly need: number
}

/**
 * Steps over strings that lie whole in the window, noting where each begins relative to `origin`. This is where the
 * time of a header goes (half a million strings), hence plain numbers and nothing else in the loop.
 */
export const walkStrings = (
  window: Buffer,
  from: number,
  count: number,
  { prefixBytes, littleEndian }: { readonly prefixBytes: number; readonly littleEndian: boolean },
  starts: Uint32Array | null,
  origin: number,
): Walk => {
  const data = new DataView(window.buffer, window.byteOffset, window.length)
  const lowAt = littleEndian || prefixBytes === 4 ? 0 : 4
  const highAt = prefixBytes === 4 ? lowAt : 4 - lowAt
  const highMask = prefixBytes === 4 ? 0 : -1
  const longest = limits.stringBytes
  const noted = starts === null ? 0 : starts.length - count
  const end = window.length - prefixBytes
  let at = from
  for (let walked = 0; walked < count; walked++) {
    if (at > end) return { at, walked, need: prefixBytes }
    // signed, because those stay small integers; a negative length is one over the limit
    const length = data.getInt32(at + lowAt, littleEndian)
    if (length > longest || length < 0 || (data.getInt32(at + highAt, littleEndian) & highMask) !== 0)
      return { at, walked, need: Number.POSITIVE_INFINITY }
    if (length > end - at) return { at, walked, need: prefixBytes + length }
    if (starts !== null) starts[noted + walked] = at + prefixBytes - origin
    at += prefixBytes + length
  }
  return { at, walked: count, need: 0 }
}
