import type { ByteSource } from '../byteSource.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'

/** Walks forward through little-endian numbers and short texts, and leaps over data without reading it. */
export interface ForwardReader {
  readonly position: number
  readonly left: number
  u32(): Promise<number>
  /** at most 4096 bytes */
  bytes(length: number): Promise<Buffer>
  skip(length: number): void
}

const leastRead = 4096
const mostRead = 1 << 20
const mostReads = 30_000

export const createForwardReader = (source: ByteSource, { signal }: ReadOptions = {}): ForwardReader => {
  let position = 0
  let window: Buffer = Buffer.alloc(0)
  let start = 0
  let size = leastRead
  let reads = 0

  const take = async (length: number): Promise<Buffer> => {
    if (length > source.sizeBytes - position)
      throw new FormatError('OUT_OF_FILE', 'The file ends too early: it is incomplete or damaged. Download it again.', {
        offset: position,
      })
    if (position < start || position + length > start + window.length) {
      signal?.throwIfAborted()
      reads += 1
      if (reads > mostReads)
        throw new FormatError('TOO_MUCH_WORK', 'The file has more parts than any honest model.', { offset: position })
      size = position === start + window.length ? Math.min(size * 2, mostRead) : leastRead
      const read = await source.read(position, Math.min(Math.max(size, length), source.sizeBytes - position))
      window = Buffer.from(read.buffer, read.byteOffset, read.length)
      start = position
    }
    const from = position - start
    position += length
    return window.subarray(from, from + length)
  }

  return {
    get position() {
      return position
    },
    get left() {
      return source.sizeBytes - position
    },
    u32: async () => (await take(4)).readUInt32LE(0),
    bytes: take,
    skip(length) {
      if (length > source.sizeBytes - position)
        throw new FormatError(
          'DATA_TRUNCATED',
          'The file ends inside its weights: it is incomplete. Download it again.',
          {
            offset: position,
            details: { missingBytes: length - (source.sizeBytes - position) },
          },
        )
      position += length
    },
  }
}
