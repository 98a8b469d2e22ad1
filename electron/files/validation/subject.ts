import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Check, Outcome } from '../../../shared/contract/checks.ts'
import { openFileSource } from '../formats/byteSource.ts'
import { checkOf } from '../formats/findings.ts'
import { kindWords } from '../formats/folder/folderKind.ts'
import { inspectFolder } from '../formats/folder/inspectFolder.ts'
import { recognizeFolder } from '../formats/folder/recognizeFolder.ts'
import { repositoryOf, storeRootOf } from '../formats/folder/storeRoot.ts'
import { type FolderEntry, openFolderSource } from '../formats/folderSource.ts'
import { headBytes } from '../formats/format.ts'
import { FormatError } from '../formats/formatError.ts'
import { formats } from '../formats/formats.ts'
import { checkIdentity } from '../formats/identify/checkIdentity.ts'
import { checkPolyglot } from '../formats/identify/checkPolyglot.ts'
import { identify } from '../formats/identify/identify.ts'
import type { Identity } from '../formats/identify/identity.ts'
import type { Inspection } from '../formats/modelFile.ts'
import { createOpenFiles, type OpenFiles } from './openFiles.ts'
import { shardsOf } from './shardSet.ts'
import { wholeSource } from './wholeSource.ts'

/** What goes up the ladder: a file, the shards of one model, or a folder that is one model. */
export interface Subject {
  readonly kind: 'file' | 'set' | 'folder'
  /** what it is, as far as its beginning and its names tell */
  readonly label: string
  readonly identityChecks: readonly Check[]
  /** of everything in it, as they are called in `open`; null: the file itself */
  readonly names: readonly (string | null)[]
  readonly open: OpenFiles
  /** null: no reader knows it */
  inspect(signal: AbortSignal | undefined): Promise<Inspection | null>
  /** the path of one of its names, as it was found */
  pathOf(name: string | null): string
}

/** @param path as it was found. @param real the same with its links resolved */
export const fileSubject = async (path: string, real: string): Promise<Subject> => {
  const home = await realpath(dirname(path)) // the companions of a link lie beside the link
  const folder = openFolderSource(home, basename(home), storeRootOf(home) ?? home)
  const source = wholeSource(await openFileSource(real))
  const open = createOpenFiles(source, folder)
  try {
    const fileName = basename(path)
    const head = await source.read(0, Math.min(headBytes, source.sizeBytes))
    const identity = identify(head, source.sizeBytes, fileName)
    const format = formats.find(({ recognizes }) => recognizes(head, source.sizeBytes)) ?? null
    const set = format === null ? null : await shardsOf(fileName, folder)
    return {
      kind: set ? 'set' : 'file',
      label: identity.label,
      identityChecks: [
        ...typeChecks(identity, source.sizeBytes, format !== null),
        ...checkIdentity(identity, fileName),
        ...(await checkPolyglot(source, identity)),
      ],
      names: set ? set.names : [null],
      open,
      inspect: async (signal) =>
        set ? await set.inspect(open, signal) : ((await format?.inspect(source, { signal, fileName, folder })) ?? null),
      pathOf: (name) => (name === null ? path : join(dirname(path), name)),
    }
  } catch (error) {
    await open.close()
    throw error
  }
}

/** Of a file that no reader takes, the kind itself says how bad that is; what a download left is told by `checkIdentity`. */
const typeChecks = ({ label, family }: Identity, sizeBytes: number, isRead: boolean): Check[] => {
  const check = (outcome: Outcome, code: string, message: string) => [checkOf('identity', outcome, code, message)]
  if (isRead) return check('passed', 'type', `This is ${label}: ${byteCount(sizeBytes)}.`)
  switch (family) {
    case 'download-remains':
    case 'unknown':
      return []
    case 'model':
    case 'archive':
      return check('unknown', 'not-read', `This is ${label}. Berth knows it by its beginning and cannot look into it.`)
    default:
      return check('unknown', 'not-a-model', `This is ${label}, not a model.`)
  }
}

const numbers = new Intl.NumberFormat('en-US')
const byteCount = (bytes: number): string => `${numbers.format(bytes)} byte${bytes === 1 ? '' : 's'}`

/** Their names alone, not those below it. */
const filesIn = async (folder: string): Promise<FolderEntry[]> => {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => ({ name, sizeBytes: 0, modifiedAt: 0 }))
}

/**
 * A folder that is one model.
 * @returns null for a folder of anything else
 */
export const folderSubject = async (path: string, real: string): Promise<Subject | null> => {
  const store = storeRootOf(real)
  const folder = openFolderSource(real, (store && repositoryOf(store)) ?? basename(path), store ?? real)
  const entries = await folder.list().catch(async (error: unknown) => {
    const isCrowded = error instanceof FormatError && error.code === 'TOO_MANY_FILES'
    if (!isCrowded || recognizeFolder(await filesIn(real)) !== null) throw error
    return [] // thousands of other things
  })
  const kind = recognizeFolder(entries)
  if (kind === null) return null
  const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0)
  const { label } = kindWords[kind]
  const size = `${numbers.format(entries.length)} files, ${byteCount(sizeBytes)}`
  return {
    kind: 'folder',
    label,
    identityChecks: [checkOf('identity', 'passed', 'type', `${label}: ${size}.`)],
    names: entries.map(({ name }) => name),
    open: createOpenFiles(null, folder),
    inspect: (signal) => inspectFolder(folder, formats, { signal }),
    pathOf: (name) => (name === null ? path : join(path, ...name.split('/'))),
  }
}
