import type { ByteSource } from '../byteSource.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'

/** Bytes of one read: small files at once, then enough that the header of a normal model takes at most four reads. */
const readSizes = [1 << 20, 4 << 20]
const laterReadSize = 8 << 20

/**
 * Walks through a source forward, through one window of it that is in memory. `prefetch` is the only thing that waits;
 * after it values are read synchronously, and one that does not fit into what is left of the file is a FormatError.
 */
export interface Cursor {
  /** in the file */
  readonly position: number
  readonly left: number
  /** the window, and where the cursor is in it */
  readonly bytes: Buffer
  readonly at: number
  /** Brings `length` bytes, or all that are left, into the window; `keepFrom` may name an earlier position to keep. */
  prefetch(length: number, keepFrom?: number): Promise<void> | undefined
  skip(length: number): void
  u8(): number
  u32(): number
  /** Beyond 2^53 − 1 it is Infinity, so that every limit refuses it. */
  u64(): number
  /** A number where that is exact, else a bigint. */
  integer64(signed: boolean): number | bigint
  view(length: number): DataView
  /** `length` must have been prefetched */
  slice(length: number): Buffer
  /** the last `length` bytes that were passed, for keeping; they must still be in the window */
  walked(length: number): Buffer
  readonly littleEndian: boolean
  setByteOrder(littleEndian: boolean): void
}

const safe = BigInt(Number.MAX_SAFE_INTEGER)

export const createCursor = (source: ByteSource, { signal }: ReadOptions): Cursor => {
  let bytes: Buffer = Buffer.alloc(0)
  let data: DataView = new DataView(bytes.buffer, 0, 0)
  let start = 0
  let at = 0
  let littleEndian = true
  let reads = 0
  let isKept = false

  const load = async (from: number, length: number) => {
    signal?.throwIfAborted()
    const position = start + at
    const wanted = Math.max(length, readSizes[reads] ?? laterReadSize)
    reads += 1
    const read = await source.read(from, Math.min(wanted, source.sizeBytes - from), isKept ? undefined : bytes)
    isKept = false
    bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
    data = new DataView(read.buffer, read.byteOffset, read.length)
    start = from
    at = position - from
  }

  const take = (length: number): number => {
    const here = at
    if (here + length > bytes.length) throw outOfFile(start + here, length, source.sizeBytes)
    at = here + length
    return here
  }

  return {
    get position() {
      return start + at
    },
    get left() {
      return source.sizeBytes - start - at
    },
    get bytes() {
      return bytes
    },
    get at() {
      return at
    },
    prefetch(length, keepFrom = start + at) {
      const position = start + at
      const end = Math.min(position + length, source.sizeBytes)
      return end <= start + bytes.length && position >= start ? undefined : load(keepFrom, end - keepFrom)
    },
    /** may leave the window: the next prefetch comes back to it */
    skip(length) {
      if (length > source.sizeBytes - start - at) throw outOfFile(start + at, length, source.sizeBytes)
      at += length
    },
    u8: () => data.getUint8(take(1)),
    u32: () => data.getUint32(take(4), littleEndian),
    u64() {
      const here = take(8)
      const high = data.getUint32(littleEndian ? here + 4 : here, littleEndian)
      const low = data.getUint32(littleEndian ? here : here + 4, littleEndian)
      return high < 2 ** 21 ? high * 2 ** 32 + low : Number.POSITIVE_INFINITY
    },
    integer64(signed) {
      const here = take(8)
      const value = signed ? data.getBigInt64(here, littleEndian) : data.getBigUint64(here, littleEndian)
      return value <= safe && value >= -safe ? Number(value) : value
    },
    view(length) {
      const here = take(length)
      return new DataView(bytes.buffer, bytes.byteOffset + here, length)
    },
    slice(length) {
      const here = take(length)
      return bytes.subarray(here, here + length)
    },
    walked(length) {
      const part = bytes.subarray(at - length, at)
      if (length < bytes.length / 4) return Buffer.from(part) // a small part must not keep a large window alive
      isKept = true
      return part
    },
    get littleEndian() {
      return littleEndian
    },
    setByteOrder(little) {
      littleEndian = little
    },
  }
}

export const outOfFile = (offset: number, length: number, sizeBytes: number): FormatError =>
  new FormatError('OUT_OF_FILE', 'The file ends inside its header: it is incomplete or damaged. Download it again.', {
    offset,
    details: { missingBytes: Number.isFinite(length) ? offset + length - sizeBytes : null },
  })
