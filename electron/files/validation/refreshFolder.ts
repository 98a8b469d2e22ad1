import { lstat } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { StoredPlace } from '../../catalog/fileRepository.ts'
import { AppError, errnoOf } from '../../lib/appError.ts'
import { pathFault } from '../../lib/pathFault.ts'
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
 * what is gone leaves the list. What was done before it is aborted stays. When one fails for a reason that is not the
 * file's, the others end before this rejects.
 */
export const refreshFolder = async (root: string, options: RefreshOptions): Promise<Refresh> => {
  const { list, report } = options
  await list.loaded()
  const before = list.below(root) // what comes into the list while the disk is read is not gone
  const walk = await walkFolder(root, { isCandidate: () => true, signal: options.signal, onProgress: () => {} }).catch(
    (error: unknown) => {
      throw errnoOf(error) === null || options.signal.aborted
        ? error
        : new AppError('PATH_UNUSABLE', pathFault(root, error), { cause: error })
    },
  )
  const { targets, sideFiles } = findTargets(walk.files)
  const byPath = new Map(walk.files.map((file) => [file.path, file]))
  const present = new Set(targets.map(({ path }) => path))
  const rest = before.filter(({ path }) => !present.has(path))
  const gone = walk.isEmpty ? [] : await goneOf(rest, options.signal)
  await list.remove(gone.map(({ path }) => path))
  // looked into by itself once, and no target of its own: a side file, a second name, a part of a model's folder
  const others = rest.flatMap((place): Target[] => {
    const file = byPath.get(place.path)
    return file && !gone.includes(place) ? [{ path: place.path, files: [file] }] : []
  })
  const due = await changedOf([...targets, ...others], byPath, options)
  await validateAll(due, options)
  report(due.length, due.length)
  return { found: targets.length, validated: due.length, gone: gone.length, sideFiles }
}

const validateAll = async (due: readonly Target[], { width, signal, validate, report }: RefreshOptions) => {
  let done = 0
  let isBroken = false
  report(0, due.length)
  const waiting = due.values()
  const work = async (): Promise<void> => {
    for (const { path } of waiting) {
      if (isBroken) return
      signal.throwIfAborted()
      await validate(path)
      report(++done, due.length)
    }
  }
  const lanes = Array.from({ length: width }, () =>
    work().catch((error: unknown) => {
      isBroken = true
      throw error
    }),
  )
  for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason
}

/** The main thread is let go after so many. */
const pageSize = 500

/**
 * Those that are not on the disk any more. A file the walk did not meet may be there all the same: in a folder that
 * cannot be read now, by a link, under two names.
 */
const goneOf = async (places: readonly StoredPlace[], signal: AbortSignal): Promise<StoredPlace[]> => {
  const gone: StoredPlace[] = []
  for (const place of places) {
    signal.throwIfAborted()
    if (await isGone(place)) gone.push(place)
  }
  return gone
}

const isGone = async ({ path, kind }: StoredPlace): Promise<boolean> => {
  try {
    const found = await lstat(path)
    return kind === 'folder' && found.isDirectory() // it is no model any more, or a part of one
  } catch (error) {
    return errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR'
  }
}

const changedOf = async (
  targets: readonly Target[],
  byPath: ReadonlyMap<string, FoundFile>,
  options: RefreshOptions,
): Promise<Target[]> => {
  const changed: Target[] = []
  for (const [index, target] of targets.entries()) {
    if (index % pageSize === pageSize - 1) await setImmediate()
    if (!(await isUnchanged(target, byPath, options))) changed.push(target)
  }
  return changed
}

/** Every file it had is as it was, and nothing came to it. */
const isUnchanged = async (
  { path, files }: Target,
  byPath: ReadonlyMap<string, FoundFile>,
  { list, rules }: RefreshOptions,
): Promise<boolean> => {
  const place = list.find(path)
  if (place === null || place.rules !== rules || place.files.length === 0) return false
  const isSame = place.files.every((old) => {
    const file = byPath.get(old.path)
    return file !== undefined && file.sizeBytes === old.sizeBytes && file.modifiedAt === old.modifiedAt
  })
  if (!isSame) return false
  const known = new Set(place.files.map((file) => file.path))
  for (const file of files) if (!known.has(file.path) && (await cameAfter(place.checkedAt, file.path))) return false
  return true
}

/** By the date that no program sets: what is copied may keep the other one. */
const cameAfter = async (time: number, path: string): Promise<boolean> => {
  const found = await lstat(path).catch(() => null) // gone since: the next look tells
  return found !== null && found.ctimeMs > time
}
