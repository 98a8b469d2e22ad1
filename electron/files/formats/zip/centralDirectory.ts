import type { ByteSource } from '../byteSource.ts'
import type { Findings } from '../findings.ts'
import { FormatError } from '../formatError.ts'
import type { EndRecord } from './endRecord.ts'
import { decodeName, type ZipEntry } from './zipEntry.ts'
import { zipLimits } from './zipLimits.ts'
import { bufferOf, u64 } from './zipReads.ts'

export interface CentralDirectory {
  readonly offset: number
  readonly entries: readonly ZipEntry[]
  /** what every offset of the archive must be moved by, for data put before it; bytes */
  readonly shift: number
}

/** Null: there is no directory where this end record says. Without local headers yet: `dataOffset` is null everywhere. */
export const readDirectory = async (
  source: ByteSource,
  end: EndRecord,
  mostEntries: number,
  structure: Findings,
): Promise<CentralDirectory | null> => {
  const { directoryBytes, directoryOffset, directoryEnd } = end
  if (directoryBytes > zipLimits.directory)
    throw new FormatError('HEADER_TOO_LARGE', 'The table of contents of this archive is larger than any model needs.')
  const shift = directoryEnd - directoryBytes - directoryOffset
  const offset = directoryOffset + shift
  if (!Number.isFinite(directoryOffset) || shift < 0 || offset < 0 || offset + directoryBytes > source.sizeBytes)
    return null
  const bytes = bufferOf(await source.read(offset, directoryBytes))
  if (directoryBytes > 0 && (bytes.length < 4 || bytes.readUInt32LE(0) !== entrySignature)) return null
  return { offset, entries: parseEntries(bytes, offset, { shift, mostEntries, structure }), shift }
}

const noBytes = new Uint8Array(0)
const entrySignature = 0x02014b50
const headBytes = 46

interface Parsing {
  readonly shift: number
  readonly mostEntries: number
  readonly structure: Findings
}

const parseEntries = (bytes: Buffer, start: number, { shift, mostEntries, structure }: Parsing): ZipEntry[] => {
  const entries: ZipEntry[] = []
  let at = 0
  while (at + headBytes <= bytes.length && bytes.readUInt32LE(at) === entrySignature) {
    const nameBytes = bytes.readUInt16LE(at + 28)
    const extraBytes = bytes.readUInt16LE(at + 30)
    const next = at + headBytes + nameBytes + extraBytes + bytes.readUInt16LE(at + 32)
    if (next > bytes.length) break
    if (entries.length >= mostEntries)
      throw new FormatError('TOO_MANY_ENTRIES', `There are more than ${mostEntries} files in this archive.`)
    const extra = bytes.subarray(at + headBytes + nameBytes, at + headBytes + nameBytes + extraBytes)
    entries.push(entryOf(bytes.subarray(at, next), nameBytes, extra, shift))
    at = next
  }
  if (at !== bytes.length)
    structure.add('broken', 'zip-directory-damaged', 'The table of contents of the archive is damaged.', start + at)
  return entries
}

const entryOf = (bytes: Buffer, nameBytes: number, extra: Buffer, shift: number): ZipEntry => {
  const name = decodeName(bytes.subarray(headBytes, headBytes + nameBytes))
  const [sizeBytes, compressedBytes, headerOffset] = widen(extra, [
    bytes.readUInt32LE(24),
    bytes.readUInt32LE(20),
    bytes.readUInt32LE(42),
  ])
  return {
    name,
    isFolder: name.endsWith('/'),
    flags: bytes.readUInt16LE(8),
    method: bytes.readUInt16LE(10),
    crc32: bytes.readUInt32LE(16),
    compressedBytes: compressedBytes ?? Number.POSITIVE_INFINITY,
    sizeBytes: sizeBytes ?? Number.POSITIVE_INFINITY,
    headerOffset: (headerOffset ?? Number.POSITIVE_INFINITY) + shift,
    dataOffset: null,
    rawHead: noBytes,
    seenIn: 'directory',
  }
}

/** Zip64: the extra field 1 holds, in order, those of the values that are all ones in their 32 bits. */
export const widen = (extra: Buffer, values: readonly number[]): number[] => {
  const long = extraField(extra, 1)
  let at = 0
  return values.map((value) => {
    if (value !== 0xffffffff || long === null || at + 8 > long.length) return value
    at += 8
    return u64(long, at - 8)
  })
}

const extraField = (extra: Buffer, wanted: number): Buffer | null => {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === wanted) return extra.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
  return null
}
