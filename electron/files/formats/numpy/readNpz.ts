import { createFindings, type Findings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { TensorRow } from '../modelFile.ts'
import { createBudget } from '../pickle/machine.ts'
import { worstLevel } from '../pickle/pickleReport.ts'
import { scanMembers } from '../pickle/scanMembers.ts'
import { type PickleScan, scanPickle } from '../pickle/scanPickle.ts'
import { shownText } from '../text.ts'
import type { TorchContent } from '../torch/torchContent.ts'
import type { ZipArchive } from '../zip/readZip.ts'
import type { ZipEntry } from '../zip/zipEntry.ts'
import { arrayOf } from './arrayOf.ts'
import { contentOf } from './contentOf.ts'
import { npyHeadBytes, readNpyHeader, startsLikeNpy } from './readNpy.ts'

/** A zip of arrays. Members of other kinds are looked into like those of any archive. */
export const readNpz = async (archive: ZipArchive, options: ReadOptions): Promise<TorchContent> => {
  const structure = createFindings('structure')
  const members = await scanMembers(archive, options)
  const budget = createBudget()
  const tensors: TensorRow[] = []
  const scans: PickleScan[] = []
  for (const entry of [...archive.entries, ...archive.others]) {
    if (!/\.npy$/i.test(entry.name)) continue
    try {
      const found = await readMember(archive, entry, structure)
      if (found === null) continue
      if (found.row !== null && entry.seenIn === 'directory') tensors.push(found.row)
      if (found.pickleAt === null) continue
      const inside = await archive.source(entry)
      scans.push(await scanPickle(inside, { ...options, file: shownText(entry.name), offset: found.pickleAt, budget }))
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      const message = `"${shownText(entry.name)}" cannot be read: ${error.message}`
      structure.add(error.code === 'TOO_MUCH_WORK' ? 'unknown' : 'broken', 'member-not-read', message, {
        file: entry.name,
      })
    }
  }
  const isFine = structure.list.every(({ outcome }) => outcome === 'note')
  if (isFine && tensors.length > 0) structure.passed('arrays-in-file', `${tensors.length} arrays, all inside the file.`)
  return {
    ...contentOf('NumPy archive', 'npz', tensors),
    imports: [...members.scans.values(), ...scans].flatMap(({ globals }) => globals),
    level: worstLevel([members.level, ...scans.map(({ level }) => level)]),
    checks: [...structure.list, ...members.checks, ...scans.flatMap(({ checks }) => checks), ...archive.checks],
  }
}

const readMember = async (archive: ZipArchive, entry: ZipEntry, structure: Findings) => {
  const head = Buffer.from(await archive.head(entry, npyHeadBytes))
  if (!startsLikeNpy(head)) {
    structure.add('warning', 'no-array', `"${shownText(entry.name)}" is no NumPy array.`, { file: entry.name })
    return null
  }
  const header = readNpyHeader(head)
  const offset = entry.method === 0 ? entry.dataOffset : null
  const name = entry.name.replace(/\.npy$/i, '')
  const sizeBytes = entry.method === 0 ? Math.min(entry.sizeBytes, entry.compressedBytes) : entry.sizeBytes
  const row = arrayOf(header, { name, sizeBytes, offset }, structure)
  return { row, pickleAt: header.hasObjects ? header.dataOffset : null }
}
