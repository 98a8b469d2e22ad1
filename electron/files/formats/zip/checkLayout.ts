import type { ByteSource } from '../byteSource.ts'
import type { Findings } from '../findings.ts'
import { shownText } from '../text.ts'
import { byteCount } from '../words.ts'
import type { CentralDirectory } from './centralDirectory.ts'
import type { EndRecord } from './endRecord.ts'
import { readLocalHeader } from './localHeaders.ts'
import { dataEndOf, type ZipEntry } from './zipEntry.ts'
import { zipLimits } from './zipLimits.ts'
import { bufferOf, createWindow } from './zipReads.ts'

/** Behind an entry's data: signature, checksum and two sizes of 8 bytes. */
const descriptorBytes = 24

interface Range {
  readonly from: number
  readonly to: number
}

/** Bytes of the archive that belong to no entry, and what is hidden in them. */
export interface Layout {
  /** before the first entry */
  readonly prefixBytes: number
  /** entries that only a search for local headers finds */
  readonly hidden: readonly ZipEntry[]
}

export const checkLayout = async (
  source: ByteSource,
  end: EndRecord,
  directory: CentralDirectory,
  entries: readonly ZipEntry[],
  structure: Findings,
  safety: Findings,
): Promise<Layout> => {
  const sorted = entries.toSorted((one, other) => one.headerOffset - other.headerOffset)
  const gaps = gapsBetween(sorted, directory.offset, safety)
  const prefixBytes = Math.min(sorted[0]?.headerOffset ?? directory.offset, directory.offset)
  if (prefixBytes > 0)
    safety.add(
      'warning',
      'zip-data-before',
      `${byteCount(prefixBytes)} stand before the archive; PyTorch refuses that.`,
      0,
    )
  if (end.end < source.sizeBytes)
    structure.add(
      'note',
      'zip-data-behind',
      `${byteCount(source.sizeBytes - end.end)} stand behind the archive.`,
      end.end,
    )
  const tail: Range[] = end.offset + 22 < source.sizeBytes ? [{ from: end.offset + 22, to: source.sizeBytes }] : []
  const hidden = await findHidden(source, [...gaps, ...tail], safety)
  return { prefixBytes, hidden }
}

const gapsBetween = (sorted: readonly ZipEntry[], directoryOffset: number, safety: Findings): Range[] => {
  const gaps: Range[] = []
  let end = 0
  let last: ZipEntry | null = null
  for (const entry of sorted) {
    if (entry.headerOffset < end && last !== null)
      safety.add(
        'dangerous',
        'zip-entries-overlap',
        `The entries "${shownText(last.name)}" and "${shownText(entry.name)}" share bytes.`,
        { file: entry.name, offset: entry.headerOffset },
      )
    if (entry.headerOffset > end + (last === null ? 0 : descriptorBytes))
      gaps.push({ from: end, to: Math.min(entry.headerOffset, directoryOffset) })
    if (dataEndOf(entry) >= end) last = entry
    end = Math.max(end, dataEndOf(entry))
  }
  if (end > directoryOffset && last !== null)
    safety.add(
      'dangerous',
      'zip-entries-overlap',
      `The entry "${shownText(last.name)}" runs into the table of contents.`,
      {
        file: last.name,
        offset: last.headerOffset,
      },
    )
  if (directoryOffset > end + descriptorBytes) gaps.push({ from: end, to: directoryOffset })
  return gaps.filter(({ from, to }) => to > from)
}

const localSignature = Buffer.from('PK\x03\x04', 'latin1')

/** Only some megabytes of what no entry claims are searched. */
const findHidden = async (source: ByteSource, gaps: readonly Range[], safety: Findings): Promise<ZipEntry[]> => {
  const read = createWindow(source)
  const hidden: ZipEntry[] = []
  let left: number = zipLimits.searched
  for (const { from, to } of gaps) {
    const length = Math.min(to - from, left)
    if (length < 30) continue
    left -= length
    const bytes = bufferOf(await source.read(from, length))
    for (
      let at = bytes.indexOf(localSignature);
      at >= 0 && hidden.length < 100;
      at = bytes.indexOf(localSignature, at + 4)
    ) {
      const entry = await readLocalHeader(read, from + at)
      if (entry === null) continue
      hidden.push({ ...entry, compressedBytes: entry.compressedBytes || to - (entry.dataOffset ?? to) })
      safety.add(
        'dangerous',
        'zip-hidden-entry',
        `The archive holds "${shownText(entry.name)}" outside its table of contents.`,
        { file: entry.name, offset: entry.headerOffset },
      )
    }
  }
  return hidden
}
