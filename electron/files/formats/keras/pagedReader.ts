import type { ByteSource } from '../byteSource.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'

/** Random access to a file whose parts point at one another. */
export interface PagedReader {
  readonly sizeBytes: number
  /** Up to 64 KiB; beyond the end of the file it is a FormatError. */
  read(offset: number, length: number): Promise<Buffer>
}

const pageBytes = 16 << 10
const keptPages = 256
const mostReads = 40_000

/** Keeps the last 4 MiB: headers, heaps and trees of HDF5 lie close together and are visited often. */
export const createPagedReader = (source: ByteSource, { signal }: ReadOptions = {}): PagedReader => {
  const pages = new Map<number, Buffer>()
  let reads = 0

  const page = async (index: number): Promise<Buffer> => {
    const kept = pages.get(index)
    if (kept !== undefined) return kept
    signal?.throwIfAborted()
    reads += 1
    if (reads > mostReads) throw new FormatError('TOO_MUCH_WORK', 'The file has more parts than any honest model.')
    const start = index * pageBytes
    const bytes = await source.read(start, Math.min(pageBytes, source.sizeBytes - start))
    const [oldest] = pages.keys()
    if (pages.size >= keptPages && oldest !== undefined) pages.delete(oldest)
    const own = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    pages.set(index, own)
    return own
  }

  return {
    sizeBytes: source.sizeBytes,
    async read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= source.sizeBytes))
        throw new FormatError(
          'OUT_OF_FILE',
          'The file points at a place behind its end: it is incomplete or damaged. Download it again.',
          {
            offset: Math.min(offset, source.sizeBytes),
          },
        )
      const first = Math.floor(offset / pageBytes)
      const parts: Buffer[] = []
      for (let at = offset, index = first; at < offset + length; index++) {
        const bytes = await page(index)
        const from = at - index * pageBytes
        const part = bytes.subarray(from, from + offset + length - at)
        parts.push(part)
        at += part.length
      }
      return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)
    },
  }
}
