import type { ByteSource } from '../byteSource.ts'
import { zipLimits } from './zipLimits.ts'
import { bufferOf, u64 } from './zipReads.ts'

/** Where an archive says its central directory is. Offsets are in the source. */
export interface EndRecord {
  readonly offset: number
  /** behind its comment; what follows belongs to nothing */
  readonly end: number
  readonly directoryOffset: number
  readonly directoryBytes: number
  readonly entryCount: number
  /** where the directory must end: the Zip64 record, or the end record itself */
  readonly directoryEnd: number
  readonly disagreement: string | null
  /** the archive continues on another volume */
  readonly isSplit: boolean
}

const signature = Buffer.from('PK\x05\x06', 'latin1')

/** All end records in the last 64 KiB, the last one first: that is the one PyTorch, Python and most others take. */
export const findEndRecords = async (source: ByteSource): Promise<EndRecord[]> => {
  const length = Math.min(source.sizeBytes, zipLimits.tail + zip64Bytes)
  const start = source.sizeBytes - length
  const tail = bufferOf(await source.read(start, length))
  const found: EndRecord[] = []
  for (let at = tail.lastIndexOf(signature); at >= 0 && found.length < 16; ) {
    if (at + 22 <= tail.length) found.push(await readEndRecord(source, tail.subarray(at), start + at))
    at = at === 0 ? -1 : tail.lastIndexOf(signature, at - 1)
  }
  return found
}

const zip64Bytes = 20 + 56

const readEndRecord = async (source: ByteSource, bytes: Buffer, offset: number): Promise<EndRecord> => {
  const plain = {
    offset,
    end: offset + 22 + bytes.readUInt16LE(20),
    entryCount: bytes.readUInt16LE(10),
    directoryBytes: bytes.readUInt32LE(12),
    directoryOffset: bytes.readUInt32LE(16),
    directoryEnd: offset,
    disagreement: null,
    isSplit: bytes.readUInt16LE(4) !== 0 && bytes.readUInt16LE(4) !== 0xffff,
  }
  const zip64 = await readZip64(source, offset)
  if (zip64 === null) return plain
  const differs = (short: number, long: number, full: number) => short !== full && short !== long
  const disagreement =
    differs(plain.entryCount, zip64.entryCount, 0xffff) ||
    differs(plain.directoryBytes, zip64.directoryBytes, 0xffffffff) ||
    differs(plain.directoryOffset, zip64.directoryOffset, 0xffffffff)
      ? 'The two end records of the archive say different things about its table of contents.'
      : zip64.isMisplaced
        ? 'The Zip64 end record is not where readers look for it.'
        : null
  const { isMisplaced: _, ...fields } = zip64
  return { ...plain, ...fields, disagreement }
}

const readZip64 = async (source: ByteSource, endOffset: number) => {
  const locatorOffset = endOffset - 20
  if (locatorOffset < 0) return null
  const locator = bufferOf(await source.read(locatorOffset, 20))
  if (locator.readUInt32LE(0) !== 0x07064b50) return null
  const said = u64(locator, 8)
  // data put before an archive moves the record away from where the locator says: then it lies right before the locator
  for (const offset of [said, locatorOffset - 56]) {
    if (offset < 0 || offset + 56 > locatorOffset) continue
    const record = bufferOf(await source.read(offset, 56))
    if (record.readUInt32LE(0) !== 0x06064b50) continue
    return {
      entryCount: u64(record, 32),
      directoryBytes: u64(record, 40),
      directoryOffset: u64(record, 48),
      directoryEnd: offset,
      isMisplaced: offset + 12 + u64(record, 4) !== locatorOffset,
    }
  }
  return null
}
