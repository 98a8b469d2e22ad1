import { constants, crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { type ByteSource, bytesSource } from '../byteSource.ts'
import type { Findings } from '../findings.ts'
import { FormatError } from '../formatError.ts'
import { shownText } from '../text.ts'
import { unpackStart } from '../unpackStart.ts'
import type { ZipEntry } from './zipEntry.ts'

const chunkBytes = 1 << 16
const smallUnpacked = 1 << 20

/** A member's bytes without copying: stored data lies in the archive as it is. */
export const windowOf = (source: ByteSource, offset: number, sizeBytes: number): ByteSource => ({
  sizeBytes,
  read: async (at, length, reuse) => {
    if (at + length > sizeBytes)
      throw new FormatError('OUT_OF_FILE', 'A part of the archive ends too early: it is damaged.', {
        offset: offset + at,
      })
    return await source.read(offset + at, length, reuse)
  },
})

/** The first `most` bytes unpacked; fewer when there are no more. Never more memory than that, whatever the data says. */
export const contentOf = async (source: ByteSource, entry: ZipEntry, most: number): Promise<Buffer> => {
  const from = placeOf(source, entry)
  const packed = Math.min(entry.compressedBytes, source.sizeBytes - from)
  if (entry.method === 0) {
    const bytes = await source.read(from, Math.min(packed, most))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }
  if (entry.method === 8) return await inflate(source, from, packed, most, entry)
  throw unreadable(entry, `it is compressed with method ${entry.method}`)
}

const placeOf = (source: ByteSource, entry: ZipEntry): number => {
  if (entry.dataOffset === null || entry.dataOffset > source.sizeBytes) throw unreadable(entry, 'it is not there')
  return entry.dataOffset
}

const unreadable = (entry: ZipEntry, why: string, cause?: unknown) =>
  new FormatError('BAD_ARCHIVE', `"${shownText(entry.name)}" cannot be unpacked: ${why}.`, {
    offset: Number.isFinite(entry.headerOffset) ? entry.headerOffset : 0,
    cause,
  })

/** Small members at once, many times faster; null: it is damaged or gives more than it should, which the other way tells. */
const inflateSmall = async (source: ByteSource, from: number, packed: number, most: number): Promise<Buffer | null> => {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: smallUnpacked }
    return inflateRawSync(await source.read(from, packed), options).subarray(0, most)
  } catch (error) {
    if (error instanceof FormatError) throw error
    return null
  }
}

const inflate = async (source: ByteSource, from: number, packed: number, most: number, entry: ZipEntry) => {
  const small =
    packed <= chunkBytes && entry.sizeBytes <= smallUnpacked ? await inflateSmall(source, from, packed, most) : null
  if (small !== null) return small
  const unpacker = createInflateRaw({ chunkSize: chunkBytes })
  const { bytes, end, fault } = await unpackStart(source, { from, length: packed }, unpacker, most)
  if (end === 'damaged' && bytes.length < most) throw unreadable(entry, 'its data is damaged', fault)
  return bytes
}

/** All of it, or a FormatError when it is more than `most`. Wrong checksums are told, and never stop a scan. */
export const wholeContentOf = async (
  source: ByteSource,
  entry: ZipEntry,
  most: number,
  structure: Findings,
): Promise<Buffer> => {
  const bytes = await contentOf(source, entry, most + 1)
  if (bytes.length > most)
    throw new FormatError('TOO_MUCH_WORK', `"${shownText(entry.name)}" is larger than what is looked into.`, {
      details: { mostBytes: most },
    })
  const where = { file: entry.name, offset: entry.headerOffset }
  const isBlank = entry.seenIn === 'local-header' && (entry.flags & 8) !== 0
  if (!isBlank && bytes.length !== entry.sizeBytes)
    structure.add(
      'broken',
      'zip-size-wrong',
      `"${shownText(entry.name)}" has not the size that the archive says.`,
      where,
    )
  else if (!isBlank && crc32(bytes) !== entry.crc32)
    structure.add(
      'warning',
      'zip-checksum-wrong',
      `"${shownText(entry.name)}" does not match its checksum: it was damaged, or changed after it was written.`,
      where,
    )
  return bytes
}

const mostUnpacked = 16 << 20

/** At random access: stored members in place, deflated ones unpacked into memory, at most 16 MiB. */
export const sourceOf = async (source: ByteSource, entry: ZipEntry, structure: Findings): Promise<ByteSource> => {
  if (entry.method !== 0) return bytesSource(await wholeContentOf(source, entry, mostUnpacked, structure))
  const from = placeOf(source, entry)
  return windowOf(source, from, Math.min(entry.compressedBytes, source.sizeBytes - from))
}
