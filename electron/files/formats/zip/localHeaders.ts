import type { ByteSource } from '../byteSource.ts'
import type { Findings } from '../findings.ts'
import { shownText } from '../text.ts'
import { widen } from './centralDirectory.ts'
import { decodeName, type ZipEntry } from './zipEntry.ts'
import { createWindow } from './zipReads.ts'

/** Encrypted, patched, strongly encrypted: set on plain data they make a scanner look away. */
export const hidingFlags = 0x0001 | 0x0020 | 0x0040
const hasDescriptor = 0x0008
const headBytes = 30
const rawHeadBytes = 200

interface Both {
  /** as the directory says, with the data's place */
  readonly entry: ZipEntry
  /** as the local header says, where the two would be read differently */
  readonly other: ZipEntry | null
}

/**
 * Looks up every entry's local header. Two differences are normal: PyTorch leaves checksum and sizes 0 there (flag bit 3)
 * and NumPy writes Zip64 sizes. Any other makes two readers see two files; then both are offered.
 */
export const readLocalHeaders = async (
  source: ByteSource,
  entries: readonly ZipEntry[],
  structure: Findings,
  safety: Findings,
): Promise<Both[]> => {
  const read = createWindow(source)
  const places = [...entries.keys()].sort((one, other) => offsetAt(entries, one) - offsetAt(entries, other))
  const found = new Map<number, Both>()
  for (const index of places) {
    const entry = entries[index]
    if (entry !== undefined) found.set(index, await lookUp(read, source, entry, structure, safety))
  }
  return [...entries.keys()].flatMap((index) => found.get(index) ?? [])
}

const offsetAt = (entries: readonly ZipEntry[], index: number) => entries[index]?.headerOffset ?? 0

const lookUp = async (
  read: ReturnType<typeof createWindow>,
  source: ByteSource,
  entry: ZipEntry,
  structure: Findings,
  safety: Findings,
): Promise<Both> => {
  const local = Number.isSafeInteger(entry.headerOffset) ? await readLocalHeader(read, entry.headerOffset) : null
  if (local === null || local.dataOffset === null) {
    const where = { file: entry.name, offset: finite(entry.headerOffset) }
    structure.add('broken', 'zip-no-local-header', `The entry "${shownText(entry.name)}" is not there.`, where)
    return { entry, other: null }
  }
  const placed = { ...entry, dataOffset: local.dataOffset, rawHead: local.rawHead.subarray(0, entry.compressedBytes) }
  if (local.dataOffset + entry.compressedBytes > source.sizeBytes)
    structure.add(
      'broken',
      'zip-entry-out-of-file',
      `The entry "${shownText(entry.name)}" goes beyond the end of the file: it is incomplete. Download it again.`,
      { file: entry.name, offset: local.dataOffset },
    )
  const differences = compare(placed, local, structure)
  if (differences.length === 0) return { entry: placed, other: null }
  safety.add(
    'dangerous',
    'zip-headers-disagree',
    `The archive says two different things about "${shownText(entry.name)}" (${differences.join(', ')}): one program reads one file, another a different one.`,
    { file: entry.name, offset: entry.headerOffset, text: `${shownText(local.name)} · ${differences.join(', ')}` },
  )
  return { entry: placed, other: { ...local, seenIn: 'local-header' } }
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)

/** Null: there is none, or it leaves the file. */
export const readLocalHeader = async (
  read: ReturnType<typeof createWindow>,
  offset: number,
): Promise<ZipEntry | null> => {
  const head = await read(offset, headBytes)
  if (head.length < headBytes || head.readUInt32LE(0) !== 0x04034b50) return null
  const nameBytes = head.readUInt16LE(26)
  const length = headBytes + nameBytes + head.readUInt16LE(28)
  const bytes = await read(offset, length)
  if (bytes.length < length) return null
  const name = decodeName(bytes.subarray(headBytes, headBytes + nameBytes))
  const [sizeBytes = 0, compressedBytes = 0] = widen(bytes.subarray(headBytes + nameBytes), [
    bytes.readUInt32LE(22),
    bytes.readUInt32LE(18),
  ])
  const entry = {
    name,
    isFolder: name.endsWith('/'),
    flags: bytes.readUInt16LE(6),
    method: bytes.readUInt16LE(8),
    crc32: bytes.readUInt32LE(14),
    compressedBytes,
    sizeBytes,
    headerOffset: offset,
    dataOffset: offset + length,
    seenIn: 'local-header' as const,
  }
  return { ...entry, rawHead: Buffer.from(await read(offset + length, rawHeadBytes)) }
}

const compare = (entry: ZipEntry, local: ZipEntry, structure: Findings): string[] => {
  const isBlank = (value: number) => (local.flags & hasDescriptor) !== 0 && value === 0
  const differences: string[] = []
  if (local.name !== entry.name) differences.push('name')
  if (local.method !== entry.method) differences.push('compression')
  if ((local.flags & hidingFlags) !== (entry.flags & hidingFlags)) differences.push('flags')
  if (local.sizeBytes !== entry.sizeBytes && !isBlank(local.sizeBytes)) differences.push('size')
  if (local.compressedBytes !== entry.compressedBytes && !isBlank(local.compressedBytes))
    differences.push('packed size')
  if (local.crc32 !== entry.crc32 && !isBlank(local.crc32))
    structure.add(
      'warning',
      'zip-checksums-disagree',
      `The archive has two different checksums for "${shownText(entry.name)}".`,
      { file: entry.name, offset: entry.headerOffset },
    )
  return differences
}
