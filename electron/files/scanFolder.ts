import { basename } from 'node:path'
import type { Artifact, ArtifactFile } from '../catalog/artifactRepository.ts'
import { AppError } from '../lib/appError.ts'
import { hasGgufName, isCandidate } from './candidate.ts'
import type { FileReader } from './fileReader.ts'
import { contains } from './folderPath.ts'
import { type FoundFile, walkFolder } from './folderWalk.ts'
import type { ModelFileSummary } from './formats/modelFile.ts'
import { type FileGroup, groupFiles, keyCandidates, stemOf } from './groupFiles.ts'

export type CatalogArtifact = Artifact<ModelFileSummary>
export type ReadArtifact = Omit<CatalogArtifact, 'key'> & { readonly keyCandidates: readonly string[] }

export interface ScanOptions {
  readonly reader: Pick<FileReader, 'recognize' | 'summarize'>
  /** what is catalogued below this folder */
  readonly known: readonly CatalogArtifact[]
  /** files without an extension that were looked into and are no models; kept between scans */
  readonly notModels: Set<string>
  readonly signal: AbortSignal
  readonly report: (fraction: number | null, text: string | null) => void
  /** Nothing at all lies in the folder, and something is catalogued: is it the empty place of an unplugged disk? */
  readonly isUnplugged: () => Promise<boolean>
  readonly remove: (paths: readonly string[]) => void
  readonly save: (artifacts: readonly ReadArtifact[]) => void
}

export interface Scan {
  readonly found: number
  readonly read: number
  readonly broken: number
  readonly gone: number
  readonly unreadable: readonly string[]
  readonly linksOut: number
}

/** Written together: often enough to see the list fill, seldom enough that writing costs nothing. */
const batch = { artifacts: 50, everyMs: 500 }
/** Shorter than a GGUF header: not worth opening to learn what it is. */
const smallestModelBytes = 24
const keptNotModels = 100_000
/** Faults that say nothing about the content: such a file is tried again at every scan. */
const passingFaults = new Set(['NO_PERMISSION', 'READ_FAILED', 'FILE_SHRANK', 'READ_TIMEOUT'])

const fileOf = ({ path, sizeBytes, modifiedAt }: FoundFile): ArtifactFile => ({ path, sizeBytes, modifiedAt })
const stamp = (file: ArtifactFile) => `${file.path}\0${file.sizeBytes}\0${file.modifiedAt}`
const toQuestion = ({ path, realPath, identity }: FoundFile) => ({ name: basename(path), path: realPath, identity })
const isUnchanged = (known: CatalogArtifact | undefined, { files }: FileGroup): boolean =>
  known !== undefined &&
  !passingFaults.has(known.error?.code ?? '') &&
  known.files.map(stamp).join('\0') === files.map(stamp).join('\0')

/**
 * Brings the catalog in line with a folder: what is gone leaves it, what is new or changed is read, the rest is not even
 * opened. What was found before it is aborted or fails stays. Rejects with Node's error when the folder cannot be read.
 */
export const scanFolder = async (root: string, options: ScanOptions): Promise<Scan> => {
  const { known, signal, report } = options
  const walk = await walkFolder(root, {
    isCandidate,
    signal,
    onProgress: (seen) => report(null, `${seen.toLocaleString('en')} files seen`),
  })
  if (walk.isEmpty && known.length > 0 && (await options.isUnplugged())) {
    throw new AppError('PATH_UNUSABLE', `${root} is empty: the disk that belongs there seems not to be connected.`)
  }
  const knownByPath = new Map(known.map((artifact) => [artifact.path, artifact]))
  const models = await dropOtherFiles(walk.files, knownByPath, options)
  const groups = groupFiles(models, (path) => knownByPath.has(path))

  const present = new Set(groups.map(({ files: [first] }) => first.path))
  const gone = known
    .map(({ path }) => path)
    .filter((path) => !present.has(path) && !walk.unreadable.some((folder) => contains(folder, path)))
  if (gone.length > 0) options.remove(gone)

  const changed = groups.filter((group) => !isUnchanged(knownByPath.get(group.files[0].path), group))
  const read = await readGroups(root, changed, options)
  const broken = new Set(known.filter((old) => old.error && present.has(old.path)).map((old) => old.path))
  for (const { path, error } of read) {
    if (error) broken.add(path)
    else broken.delete(path)
  }
  const { unreadable, linksOut } = walk
  return { found: groups.length, read: read.length, broken: broken.size, gone: gone.length, unreadable, linksOut }
}

/** Files whose name does not say GGUF are kept when their first bytes do, or when that was found out before. */
const dropOtherFiles = async (
  files: readonly FoundFile[],
  known: ReadonlyMap<string, CatalogArtifact>,
  { reader, notModels, signal }: ScanOptions,
): Promise<FoundFile[]> => {
  const isKnown = (file: FoundFile) => known.get(file.path)?.files.some((old) => stamp(old) === stamp(file)) ?? false
  const sure = files.filter((file) => hasGgufName(file.path) || isKnown(file))
  const unsure = files.filter(
    (file) =>
      !hasGgufName(file.path) &&
      !isKnown(file) &&
      file.sizeBytes >= smallestModelBytes &&
      !notModels.has(stamp(fileOf(file))),
  )
  for (let at = 0; at < unsure.length; at += 200) {
    signal.throwIfAborted()
    const some = unsure.slice(at, at + 200)
    const recognized = await reader.recognize(some.map((file) => file.realPath))
    for (const [index, file] of some.entries()) {
      if (recognized[index]) sure.push(file)
      else if (notModels.size < keptNotModels) notModels.add(stamp(fileOf(file)))
    }
  }
  return sure
}

const readGroups = async (
  root: string,
  groups: readonly FileGroup[],
  { reader, signal, report, save }: ScanOptions,
): Promise<ReadArtifact[]> => {
  const all: ReadArtifact[] = []
  let unsaved: ReadArtifact[] = []
  let savedAt = performance.now()
  const flush = () => {
    if (unsaved.length > 0) save(unsaved)
    unsaved = []
    savedAt = performance.now()
  }
  try {
    for (const [index, group] of groups.entries()) {
      signal.throwIfAborted()
      report(
        index / groups.length,
        `${index.toLocaleString('en')} of ${groups.length.toLocaleString('en')} models read`,
      )
      const artifact = await readGroup(root, group, reader)
      if (!artifact) continue
      all.push(artifact)
      unsaved.push(artifact)
      if (unsaved.length >= batch.artifacts || performance.now() - savedAt >= batch.everyMs) flush()
    }
  } finally {
    flush()
  }
  return all
}

/** null: it vanished since it was listed. */
const readGroup = async (
  root: string,
  { files, set }: FileGroup,
  reader: Pick<FileReader, 'summarize'>,
): Promise<ReadArtifact | null> => {
  const [first] = files
  const facts = {
    path: first.path,
    files: files.map(fileOf),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    modifiedAt: Math.max(...files.map((file) => file.modifiedAt)),
    format: 'GGUF',
    keyCandidates: keyCandidates(root, first.path),
  }
  const broken = (code: string, message: string): ReadArtifact => ({
    ...facts,
    name: stemOf(first.path),
    architecture: null,
    quantization: null,
    error: { code, message },
    summary: null,
  })
  const missing = set ? set.count - set.parts.length : 0
  if (set && missing > 0) {
    const names = set.missing.slice(0, 5).join(', ') + (missing > 5 ? ' …' : '')
    return broken('BAD_SHARD_SET', `${missing} of ${set.count} parts are missing: ${names}.`)
  }
  try {
    const summary = await reader.summarize({ files: files.map(toQuestion), set })
    return {
      ...facts,
      format: summary.format,
      name: summary.name ?? stemOf(basename(first.path)),
      architecture: summary.architecture,
      quantization: summary.quantization,
      error: null,
      summary,
    }
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== 'FILE_INVALID' && error.code !== 'PATH_UNUSABLE')) throw error
    const code = String(error.details?.fault ?? error.code)
    return code === 'FILE_MISSING' ? null : broken(code, error.message)
  }
}

const count = (n: number, one: string, many: string) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** What a scan found, in a sentence or two for people. */
export const describeScan = ({ found, read, broken, gone, unreadable, linksOut }: Scan): string => {
  const parts = [
    `${count(found, 'model', 'models')}`,
    read > 0 ? `${read.toLocaleString('en')} read` : found > 0 ? 'nothing changed' : null,
    broken > 0 ? `${broken.toLocaleString('en')} broken` : null,
    gone > 0 ? `${gone.toLocaleString('en')} gone` : null,
  ]
  const sentences = [`${parts.filter((part) => part !== null).join(', ')}.`]
  if (unreadable.length > 0) {
    const named = unreadable.slice(0, 3).join(', ') + (unreadable.length > 3 ? ' …' : '')
    sentences.push(`${count(unreadable.length, 'folder', 'folders')} could not be read: ${named}.`)
  }
  if (linksOut > 0)
    sentences.push(`${count(linksOut, 'link leads elsewhere and was', 'links lead elsewhere and were')} not followed.`)
  return sentences.join(' ')
}
