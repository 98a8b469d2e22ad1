import type { Dirent } from 'node:fs'
import { lstat, opendir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../lib/appError.ts'
import { contains, isSystemPlace } from './folderPath.ts'

export interface FoundFile {
  /** as found: a file, or a link to one inside the same folder */
  readonly path: string
  /** what it leads to */
  readonly realPath: string
  readonly sizeBytes: number
  /** Unix milliseconds, whole */
  readonly modifiedAt: number
  /** device and inode: the same for two names of one file */
  readonly identity: string
}

export interface Walk {
  readonly files: readonly FoundFile[]
  /** folders below the root that could not be read */
  readonly unreadable: readonly string[]
  /** links that lead out of the root; not followed */
  readonly linksOut: number
  /** nothing at all lies in the root, not even a file of another kind */
  readonly isEmpty: boolean
}

export interface WalkOptions {
  readonly isCandidate: (name: string) => boolean
  readonly signal: AbortSignal
  /** called after each folder */
  readonly onProgress: (filesSeen: number) => void
}

/** Never hold models of their own, and some hold very many files. */
const skippedNames = new Set([
  '.git',
  'node_modules',
  'site-packages',
  '__pycache__',
  'lost+found',
  '$RECYCLE.BIN',
  'System Volume Information',
  '.Trashes',
])
export const isSkippedFolder = (name: string): boolean => skippedNames.has(name) || name.startsWith('.Trash-')

/**
 * Every candidate below a folder, at any depth, one folder in memory at a time. Rejects only when the root itself cannot
 * be read (with Node's error) or the signal is aborted.
 *
 * Links to folders are never entered: inside the root their target is met under its own name, and what lies outside was
 * not chosen. So only a mount of a folder within itself can loop, which device and inode tell.
 */
export const walkFolder = async (root: string, { isCandidate, signal, onProgress }: WalkOptions): Promise<Walk> => {
  const files: FoundFile[] = []
  const unreadable: string[] = []
  const entered = new Set<string>()
  const waiting = [root]
  let seen = 0
  let linksOut = 0
  let isEmpty = true

  const addFile = async (path: string, realPath: string): Promise<void> => {
    const found = await lstat(realPath)
    if (!found.isFile()) return
    const identity = found.ino === 0 ? realPath : `${found.dev}:${found.ino}`
    files.push({ path, realPath, sizeBytes: found.size, modifiedAt: Math.trunc(found.mtimeMs), identity })
  }

  const visit = async (path: string, entry: Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>) => {
    if (entry.isDirectory()) {
      if (!isSkippedFolder(entry.name) && !isSystemPlace(path)) waiting.push(path)
    } else if (entry.isSymbolicLink()) {
      const target = await realpath(path)
      if (!contains(root, target)) linksOut++
      else if (isCandidate(entry.name)) await addFile(path, target)
    } else if (entry.isFile() && isCandidate(entry.name)) {
      await addFile(path, path)
    }
  }

  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    try {
      const { dev, ino } = await stat(folder, { bigint: true })
      const identity = ino === 0n ? folder : `${dev}:${ino}`
      if (entered.has(identity)) continue
      entered.add(identity)
      for await (const entry of await opendir(folder, { bufferSize: 256 })) {
        signal.throwIfAborted()
        if (folder === root) isEmpty = false
        seen++
        const path = join(folder, entry.name)
        await visit(path, entry).catch((error: unknown) => {
          // vanished since it was listed, a dangling link, or not ours to look at
          if (errnoOf(error) === null) throw error
        })
      }
    } catch (error) {
      if (signal.aborted || folder === root) throw error
      unreadable.push(folder)
    }
    onProgress(seen)
  }
  return { files, unreadable, linksOut, isEmpty }
}
