import type { FoundFile } from '../folderWalk.ts'
import { walkFolder } from '../folderWalk.ts'
import type { FileList } from './fileList.ts'
import { findTargets, type Target } from './targets.ts'

export interface RefreshOptions {
  readonly list: FileList
  /** of the checks: a report by an older version is made anew */
  readonly rules: number
  /** how many are looked into at once */
  readonly width: number
  /** Looks into one and keeps what was found; what became of it is its own matter. */
  readonly validate: (path: string) => Promise<void>
  readonly signal: AbortSignal
  readonly report: (done: number, total: number) => void
}

export interface Refresh {
  readonly found: number
  readonly validated: number
  readonly gone: number
  readonly sideFiles: number
}

/**
 * Brings the reports below a folder in line with the disk: what is new, changed or judged by older rules is looked into,
 * what is gone leaves the list. What was done before it is aborted stays.
 */
export const refreshFolder = async (root: string, options: RefreshOptions): Promise<Refresh> => {
  const { list, signal, report } = options
  await list.loaded()
  const walk = await walkFolder(root, { isCandidate: () => true, signal, onProgress: () => {} })
  const { targets, sideFiles } = findTargets(walk.files)
  const byPath = new Map(walk.files.map((file) => [file.path, file]))
  const present = new Set(targets.map(({ path }) => path))
  const gone = list.below(root).flatMap(({ path }) => (present.has(path) || walk.isEmpty ? [] : [path]))
  list.remove(gone)
  const due = targets.filter((target) => !isUnchanged(target, byPath, options))
  let done = 0
  report(0, due.length)
  const waiting = due.values()
  const work = async (): Promise<void> => {
    for (const { path } of waiting) {
      signal.throwIfAborted()
      await options.validate(path)
      report(++done, due.length)
    }
  }
  await Promise.all(Array.from({ length: options.width }, work))
  return { found: targets.length, validated: due.length, gone: gone.length, sideFiles }
}

/** Every file it had is as it was, and a folder has none that is newer than its report. */
const isUnchanged = (
  { path, files }: Target,
  byPath: ReadonlyMap<string, FoundFile>,
  { list, rules }: RefreshOptions,
): boolean => {
  const place = list.find(path)
  if (place === null || place.rules !== rules || place.files.length === 0) return false
  const isSame = place.files.every((old) => {
    const file = byPath.get(old.path)
    return file !== undefined && file.sizeBytes === old.sizeBytes && file.modifiedAt === old.modifiedAt
  })
  return isSame && files.every(({ modifiedAt }) => modifiedAt <= place.checkedAt)
}
