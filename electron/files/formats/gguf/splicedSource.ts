import type { ByteSource } from '../byteSource.ts'

/** A stretch of another source, or bytes of its own. */
export type Stretch = { readonly offset: number; readonly length: number } | { readonly bytes: Uint8Array }

const lengthOf = (stretch: Stretch): number => ('bytes' in stretch ? stretch.bytes.length : stretch.length)

/** Neighbours that follow each other in the source become one. */
const joined = (stretches: readonly Stretch[]): readonly Stretch[] => {
  const list: Stretch[] = []
  for (const stretch of stretches) {
    const last = list.at(-1)
    if (lengthOf(stretch) === 0) continue
    if (last && 'offset' in last && 'offset' in stretch && last.offset + last.length === stretch.offset)
      list[list.length - 1] = { offset: last.offset, length: last.length + stretch.length }
    else list.push(stretch)
  }
  return list
}

/** What a file would be if it were put together from these stretches, without its being written. */
export const splicedSource = (source: ByteSource, stretches: readonly Stretch[]): ByteSource => {
  let end = 0
  const placed = joined(stretches).map((stretch) => {
    const from = end
    end += lengthOf(stretch)
    return { stretch, from, end }
  })

  const part = (stretch: Stretch, at: number, length: number, reuse?: Uint8Array): Promise<Uint8Array> =>
    'bytes' in stretch
      ? Promise.resolve(stretch.bytes.subarray(at, at + length))
      : source.read(stretch.offset + at, length, reuse)

  return {
    sizeBytes: end,
    async read(offset, length, reuse) {
      const touched = placed.filter((one) => one.from < offset + length && one.end > offset)
      const [only] = touched
      if (only && touched.length === 1) return await part(only.stretch, offset - only.from, length, reuse)
      const whole = Buffer.allocUnsafeSlow(length)
      for (const { stretch, from, end: to } of touched) {
        const start = Math.max(from, offset)
        const bytes = await part(stretch, start - from, Math.min(to, offset + length) - start)
        whole.set(bytes, start - offset)
      }
      return whole
    },
  }
}
