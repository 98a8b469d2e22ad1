import { basename } from 'node:path'
import { watch } from 'chokidar'
import { errnoOf, messageOf } from '../lib/appError.ts'
import { isWatched } from './candidate.ts'
import { isSystemPlace } from './folderPath.ts'
import { isSkippedFolder } from './folderWalk.ts'

export interface FolderWatch {
  close(): Promise<void>
}

const faults: Readonly<Record<string, string>> = {
  ENOSPC: 'The system allows no more watches (on Linux: fs.inotify.max_user_watches).',
  EMFILE: 'The system allows no more open files or watches (on Linux: fs.inotify.max_user_instances).',
  ENOSYS: 'This disk cannot be watched.',
  EPERM: 'This disk cannot be watched.',
}

/** Why a folder is not watched, in one sentence. */
export const watchFault = (error: unknown): string =>
  faults[errnoOf(error) ?? ''] ?? `This folder cannot be watched: ${messageOf(error)}.`

/** Elsewhere a folder's watch also tells when the content of a file in it changes; here each file needs its own. */
const watchesFiles = process.platform === 'darwin'

/**
 * Tells that something about models changed below a folder; what, a scan finds out. Resolves when it watches, rejects
 * when the system refuses. A refusal later (a new folder, one watch too many) ends the watch and is told to `onRefused`.
 *
 * Only folders are watched where that is enough: a watch for each of thousands of files costs memory and stops the main
 * thread while they are set up.
 */
export const watchFolder = (
  root: string,
  { onChange, onRefused }: { onChange: () => void; onRefused: (error: unknown) => void },
): Promise<FolderWatch> =>
  new Promise((resolve, reject) => {
    let isReady = false
    const watcher = watch(root, {
      ignoreInitial: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
      ignored: (path, stats) => {
        if (path === root) return false
        if (isSystemPlace(path)) return true
        if (!stats || stats.isDirectory()) return isSkippedFolder(basename(path))
        return !watchesFiles || !isWatched(basename(path))
      },
    })
    watcher
      .on('all', () => isReady && onChange())
      .on('raw', (_event, name) => isReady && (!name || isWatched(basename(name))) && onChange())
      .on('ready', () => {
        isReady = true
        resolve({ close: () => watcher.close() })
      })
      .on('error', (error) => {
        void watcher.close()
        if (isReady) onRefused(error)
        else reject(error)
      })
  })
