import type { FileSource } from '../formats/byteSource.ts'

/** Read at once, because the readers would ask for most of it in pieces. */
const smallBytes = 256 * 1024

/** A small file is read once and kept; of a large one every read is a read. */
export const wholeSource = (source: FileSource): FileSource => {
  if (source.sizeBytes > smallBytes) return source
  let bytes: Promise<Uint8Array> | null = null
  return {
    ...source,
    read: async (offset, length) => {
      bytes ??= source.read(0, source.sizeBytes)
      const whole = await bytes
      // whoever asks for more than there is gets the source's own error
      return offset + length <= whole.length ? whole.subarray(offset, offset + length) : source.read(offset, length)
    },
  }
}
