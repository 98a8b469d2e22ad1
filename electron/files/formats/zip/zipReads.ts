import type { ByteSource } from '../byteSource.ts'

const windowBytes = 4096

/** Headers lie close together in small archives: one read serves the neighbours. Reads less where the source ends. */
export const createWindow = (source: ByteSource) => {
  let bytes: Buffer = Buffer.alloc(0)
  let start = 0
  /** Up to `length` bytes from `offset`: fewer at the end of the source. Valid until the next call. */
  return async (offset: number, length: number): Promise<Buffer> => {
    const end = Math.min(offset + length, source.sizeBytes)
    if (offset >= end) return Buffer.alloc(0)
    if (offset < start || end > start + bytes.length) {
      const read = await source.read(offset, Math.min(Math.max(length, windowBytes), source.sizeBytes - offset))
      bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
      start = offset
    }
    return bytes.subarray(offset - start, end - start)
  }
}

/** A u64 of an archive: beyond 2^53 it is Infinity, so that every limit refuses it. */
export const u64 = (bytes: Buffer, at: number): number => {
  const value = bytes.readBigUInt64LE(at)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value)
}

export const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
