import type { Check } from '../../../../shared/contract/checks.ts'
import type { ByteSource } from '../byteSource.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { type CentralDirectory, readDirectory } from './centralDirectory.ts'
import { checkEntries } from './checkEntries.ts'
import { checkLayout } from './checkLayout.ts'
import { type EndRecord, findEndRecords } from './endRecord.ts'
import { readLocalHeaders } from './localHeaders.ts'
import { contentOf, sourceOf, wholeContentOf } from './zipContent.ts'
import { dataEndOf, type ZipEntry } from './zipEntry.ts'
import { zipLimits } from './zipLimits.ts'

export interface ZipArchive {
  /** as the central directory lists them */
  readonly entries: readonly ZipEntry[]
  /** how another reader would see it: other local headers, a second directory, hidden entries. Scan these too. */
  readonly others: readonly ZipEntry[]
  /** grows while members are read: a wrong checksum shows only then */
  readonly checks: readonly Check[]
  /** bytes before the first entry */
  readonly prefixBytes: number
  /** All of a member, or a FormatError when it is more than `mostBytes` or cannot be unpacked. */
  read(entry: ZipEntry, mostBytes: number): Promise<Uint8Array>
  /** The first bytes of a member; fewer when it has no more. */
  head(entry: ZipEntry, mostBytes: number): Promise<Uint8Array>
  /** A member at random access; a deflated one of more than 16 MiB is a FormatError. */
  source(entry: ZipEntry): Promise<ByteSource>
}

export interface ZipOptions extends ReadOptions {
  readonly mostEntries?: number
}

/** `PK\x03\x04`, or an archive of nothing. */
export const startsLikeZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6))

/**
 * Reads the tables of a zip archive and compares everything that is said twice. Source: PKWARE APPNOTE 6.3.10.
 * @throws FormatError BAD_ARCHIVE when there is no readable table of contents, TOO_MANY_ENTRIES, HEADER_TOO_LARGE
 */
export const openZip = async (source: ByteSource, options: ZipOptions = {}): Promise<ZipArchive> => {
  options.signal?.throwIfAborted()
  const structure = createFindings('structure')
  const safety = createFindings('safety')
  const mostEntries = options.mostEntries ?? zipLimits.entries
  const ends = source.sizeBytes < 22 ? [] : await findEndRecords(source)
  const found = await firstReadable(source, ends, mostEntries, structure)
  if (found === null) throw noEnd(source, ends)
  const { end, directory } = found
  checkEnd(end, directory, structure, safety)
  const both = await readLocalHeaders(source, directory.entries, structure, safety)
  const entries = both.map(({ entry }) => entry)
  checkEntries(entries, structure, safety)
  const { prefixBytes, hidden } = await checkLayout(source, end, directory, entries, structure, safety)
  const second = await otherDirectories(source, ends, found, entries, mostEntries, structure, safety)
  if (entries.length > 0 && safety.list.length === 0 && structure.list.length === 0)
    structure.passed('zip-structure', `All ${entries.length} entries are where the archive's table of contents says.`)
  return {
    entries,
    others: [...both.flatMap(({ other }) => other ?? []), ...hidden, ...second],
    get checks() {
      return [...structure.list, ...safety.list]
    },
    prefixBytes,
    read: (entry, mostBytes) => wholeContentOf(source, entry, mostBytes, structure),
    head: (entry, mostBytes) => contentOf(source, entry, mostBytes),
    source: (entry) => sourceOf(source, entry, structure),
  }
}

interface Found {
  readonly end: EndRecord
  readonly directory: CentralDirectory
}

const firstReadable = async (
  source: ByteSource,
  ends: readonly EndRecord[],
  mostEntries: number,
  structure: Findings,
): Promise<Found | null> => {
  for (const end of ends) {
    const directory = await readDirectory(source, end, mostEntries, structure)
    if (directory !== null) return { end, directory }
  }
  return null
}

const noEnd = (source: ByteSource, ends: readonly EndRecord[]) =>
  new FormatError(
    'BAD_ARCHIVE',
    ends.length === 0
      ? 'The archive has no end: the file is incomplete or damaged. Download it again.'
      : "The archive's table of contents is not where it should be: the file is damaged. Download it again.",
    { offset: source.sizeBytes },
  )

const checkEnd = (end: EndRecord, directory: CentralDirectory, structure: Findings, safety: Findings): void => {
  if (end.disagreement !== null) safety.add('dangerous', 'zip64-disagrees', end.disagreement, end.offset)
  if (end.isSplit) structure.add('broken', 'zip-split', 'This is one part of an archive in several files.', end.offset)
  if (end.entryCount !== directory.entries.length && end.entryCount % 0x10000 !== directory.entries.length % 0x10000)
    safety.add(
      'dangerous',
      'zip-count-wrong',
      `The archive lists ${directory.entries.length} entries and says it has ${end.entryCount}: programs see different ones.`,
      end.offset,
    )
}

/** Another end record counts only outside of the members: an archive stored in an archive has its own. */
const otherDirectories = async (
  source: ByteSource,
  ends: readonly EndRecord[],
  found: Found,
  entries: readonly ZipEntry[],
  mostEntries: number,
  structure: Findings,
  safety: Findings,
): Promise<ZipEntry[]> => {
  const isInside = ({ offset }: EndRecord) =>
    entries.some((entry) => entry.dataOffset !== null && offset >= entry.dataOffset && offset < dataEndOf(entry))
  const others = ends.filter((end) => end !== found.end && !isInside(end)).slice(0, 3)
  const seen: ZipEntry[] = []
  for (const end of others) {
    safety.add(
      'dangerous',
      'zip-several-ends',
      'The archive has a second end: programs see different archives.',
      end.offset,
    )
    const directory = await readDirectory(source, end, mostEntries, structure).catch((error: unknown) => {
      if (error instanceof FormatError) return null // the second end alone is told
      throw error
    })
    if (directory === null) continue
    const both = await readLocalHeaders(source, directory.entries, structure, safety)
    seen.push(
      ...both.flatMap(({ entry, other }) => [
        { ...entry, seenIn: 'other-directory' as const },
        ...(other ? [other] : []),
      ]),
    )
  }
  return seen
}
