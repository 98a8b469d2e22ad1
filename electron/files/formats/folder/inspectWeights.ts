import { diagnose, diagnoseBytes } from '../diagnose.ts'
import { headBytes } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { Inspection } from '../modelFile.ts'
import { inspectSafetensorsSet } from '../safetensors/inspectSafetensorsSet.ts'
import { inspectTorchSet } from '../torch/inspectTorchSet.ts'
import type { WeightSet } from './findWeights.ts'
import { type FolderReader, inFile, splitName, subFolder } from './folderReader.ts'

/** Of one set; honest models have some hundred parts. */
const mostFiles = 1000

/** What one copy of the weights holds. What cannot be read is a check; null: nothing of it could. */
export const inspectWeights = async (reader: FolderReader, set: WeightSet): Promise<readonly Inspection[]> => {
  const isSharded = set.index !== null || set.files.some((name) => /-\d{1,5}-of-\d{1,5}\.\w+$/.test(name))
  const first = set.index ?? set.files[0]
  if (first === undefined) return []
  if (set.kind === 'safetensors' && isSharded) return await inspectSet(reader, first)
  if (set.kind === 'pytorch' && set.index !== null) return await inspectPickles(reader, set.index)
  const found: Inspection[] = []
  for (const name of set.files.slice(0, mostFiles)) {
    const inspection = await inspectFile(reader, name)
    if (inspection !== null) found.push(inspection)
  }
  if (set.files.length > mostFiles)
    reader.structure.add(
      'unknown',
      'too-many-parts',
      `Only ${mostFiles} of ${set.files.length} files were looked into.`,
    )
  return found
}

const inspectSet = async (reader: FolderReader, first: string): Promise<readonly Inspection[]> => {
  try {
    return [await inspectSafetensorsSet(reader.folder, first, reader.options)]
  } catch (error) {
    addFault(reader, first, error)
    return []
  }
}

const inspectPickles = async (reader: FolderReader, index: string): Promise<readonly Inspection[]> => {
  const [path, base] = splitName(index)
  try {
    const inspection = await inspectTorchSet(subFolder(reader.folder, path), base, reader.options)
    const checks = inspection.summary.checks.map((check) => {
      const file = check.evidence?.file ?? null
      return check.evidence && file !== null
        ? { ...check, evidence: { ...check.evidence, file: inner(path, index, file) } }
        : check
    })
    return [
      {
        ...inspection,
        summary: { ...inspection.summary, checks },
        tensors: inspection.tensors.map((row) => ({ ...row, file: inner(path, index, row.file) })),
      },
    ]
  } catch (error) {
    addFault(reader, index, error)
    return []
  }
}

/** By the format that knows its first bytes; null with a check: nothing could be read. */
export const inspectFile = async (reader: FolderReader, name: string): Promise<Inspection | null> => {
  const [path, base] = splitName(name)
  try {
    const inspection = await reader.use(name, async (file) => {
      const head = new Uint8Array(await file.read(0, Math.min(headBytes, file.sizeBytes)))
      const format = reader.formats.find((known) => known.recognizes(head, file.sizeBytes))
      if (format === undefined)
        throw diagnose(head.subarray(0, diagnoseBytes), file.sizeBytes, base.split('.').at(-1) ?? 'model')
      return await format.inspect(file, { ...reader.options, fileName: base, folder: subFolder(reader.folder, path) })
    })
    const { summary } = inspection
    return {
      ...inspection,
      summary: { ...summary, checks: inFile(summary.checks, name) },
      tensors: inspection.tensors.map((row) => ({ ...row, file: inner(path, name, row.file) })),
    }
  } catch (error) {
    addFault(reader, name, error)
    return null
  }
}

/** Where external data lies is told relative to the file that says so. */
const inner = (path: string, name: string, file: string | null): string =>
  file === null ? name : path === '' ? file : `${path}/${file}`

/** Files that no format here reads are not looked into; damaged ones of a known format are broken. */
const addFault = (reader: FolderReader, name: string, error: unknown): void => {
  if (!(error instanceof FormatError)) throw error
  const isForeign = error.code === 'UNKNOWN_FORMAT'
  reader.structure.add(
    isForeign ? 'unknown' : 'broken',
    isForeign ? 'not-looked-into' : 'unreadable-weights',
    isForeign ? `Berth does not know the format of ${name} and has not looked into it.` : `${name}: ${error.message}`,
    { file: name, offset: error.offset },
  )
}
