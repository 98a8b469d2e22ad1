import type { FileSource } from '../byteSource.ts'
import type { Findings } from '../findings.ts'
import type { FolderSource } from '../folderSource.ts'
import { FormatError } from '../formatError.ts'
import { shownText } from '../text.ts'
import { byteCount, count, grouped } from '../words.ts'
import { bytesOf } from './dataTypes.ts'
import type { ExternalFindings, ExternalRange } from './externalData.ts'

const mostFiles = 1000

/** Looks every file up: present, inside the model's folder, and long enough. */
export const checkExternalFiles = async (
  ranges: readonly ExternalRange[],
  folder: FolderSource | null,
  findings: ExternalFindings,
  signal: AbortSignal | undefined,
): Promise<void> => {
  if (ranges.length === 0) return
  const byFile = Map.groupBy(ranges, ({ location }) => location)
  checkOverlaps(byFile, findings.structure)
  const names = [...byFile.keys()]
    .slice(0, 5)
    .map((name) => shownText(name))
    .join(', ')
  if (folder === null) {
    findings.structure.add(
      'unknown',
      'external-not-looked-up',
      `${ranges.length} tensors have their values in other files (${names}). They were not looked up: only this file is here.`,
    )
    return
  }
  if (byFile.size > mostFiles) {
    findings.structure.add(
      'unknown',
      'external-too-many-files',
      `The values lie in ${byFile.size} files. Berth looks up at most ${mostFiles}.`,
    )
    return
  }
  let found = 0
  for (const [location, inFile] of byFile) {
    signal?.throwIfAborted()
    if (await checkFile(location, inFile, folder, findings)) found += 1
  }
  if (found === byFile.size)
    findings.structure.passed(
      'external-data',
      `${ranges.length} tensors have their values in ${names}: all there, and long enough.`,
    )
}

const endOf = ({ offset, length, tensor }: ExternalRange): number =>
  offset + (length ?? bytesOf(tensor.type, tensor.elements) ?? 0)

const checkFile = async (
  location: string,
  ranges: readonly ExternalRange[],
  folder: FolderSource,
  { structure, safety }: ExternalFindings,
): Promise<boolean> => {
  const needed = ranges.reduce((most, range) => Math.max(most, endOf(range)), 0)
  const at = { file: location }
  try {
    const source = await folder.open(location.replaceAll('\\', '/'))
    await source.close()
    checkLinks(location, source, structure)
    if (source.sizeBytes >= needed) return true
    structure.add(
      'broken',
      'external-file-too-short',
      `The file "${shownText(location)}" has ${byteCount(source.sizeBytes)}, the model needs ${grouped(needed)}.`,
      { ...at, advice: 'Download it again.' },
    )
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    if (error.code === 'FILE_MISSING')
      structure.add(
        'broken',
        'external-file-missing',
        `The file "${shownText(location)}" with the values of ${ranges.length} tensors is missing. It has at least ${byteCount(needed)}.`,
        { ...at, advice: 'Put it into the folder of the model.' },
      )
    else if (error.code === 'PATH_ESCAPES' || error.code === 'IS_A_LINK')
      safety.add(
        'dangerous',
        'external-escapes',
        `The file "${shownText(location)}" leads out of the folder of the model by a link.`,
        at,
      )
    else
      structure.add(
        'broken',
        'external-file-unreadable',
        `The file "${shownText(location)}" cannot be used: ${error.message}`,
        at,
      )
  }
  return false
}

/** onnx refuses both, because of what others did with them; caches of downloads are made of links, so it is no attack. */
const checkLinks = (location: string, { isThroughLink, hardLinks }: FileSource, structure: Findings): void => {
  if (!isThroughLink && hardLinks <= 1) return
  const what = isThroughLink ? 'is a link' : `has ${count(hardLinks, 'name')} (hard links)`
  structure.add(
    'warning',
    'external-linked',
    `The file "${shownText(location)}" ${what}: the onnx library (1.21 and later) refuses values in such files.`,
    { file: location, advice: 'For programs that use the onnx library, copy the model with its links followed.' },
  )
}

/** Parts of a file that two tensors share, and parts that cannot be mapped into memory as they are. */
const checkOverlaps = (byFile: ReadonlyMap<string, readonly ExternalRange[]>, structure: Findings): void => {
  let [shared, unaligned] = [0, 0]
  for (const ranges of byFile.values()) {
    let end = 0
    for (const range of ranges.toSorted((one, other) => one.offset - other.offset)) {
      if (range.offset < end) shared += 1
      if (range.offset % 4096 !== 0) unaligned += 1
      end = Math.max(end, endOf(range))
    }
  }
  if (shared > 0) structure.add('note', 'external-shared', `${shared} tensors share bytes of a data file with others.`)
  if (unaligned > 0)
    structure.add(
      'note',
      'external-unaligned',
      `The values of ${unaligned} tensors do not begin at a multiple of 4,096 bytes: they are copied instead of mapped into memory.`,
    )
}
