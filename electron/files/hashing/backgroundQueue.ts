import { AppError, messageOf } from '../../lib/appError.ts'
import type { Log } from '../../lib/log.ts'

export interface FileToHash {
  readonly path: string
  readonly sizeBytes: number
  /** Unix milliseconds */
  readonly modifiedAt: number
}

export interface BackgroundQueueDeps {
  readonly hash: (path: string, signal: AbortSignal) => Promise<unknown>
  readonly mayStart: () => boolean
  readonly log: Log
}

/** Files nobody waits for: one at a time, the smallest first, so that most of them have a digest soon. */
export const createBackgroundQueue = ({ hash, mayStart, log }: BackgroundQueueDeps) => {
  const waiting = new Map<string, FileToHash>()
  /** of `waiting`, the largest first; null: not in order any more */
  let ordered: FileToHash[] | null = null
  let current: {
    readonly file: FileToHash
    readonly controller: AbortController
    readonly ended: Promise<void>
  } | null = null
  let isIdle = (): void => {}
  let isBroken = false

  const smallest = (): FileToHash | undefined => {
    ordered ??= [...waiting.values()].sort((one, other) => other.sizeBytes - one.sizeBytes)
    for (let file = ordered.pop(); file !== undefined; file = ordered.pop()) {
      if (waiting.get(file.path) !== file) continue // forgotten since
      waiting.delete(file.path)
      return file
    }
    return undefined
  }

  const run = async (file: FileToHash, signal: AbortSignal): Promise<void> => {
    try {
      await hash(file.path, signal)
    } catch (error) {
      if (signal.aborted) return
      const fault = error instanceof AppError ? error.code : null
      // gone, changed or not to be read: what finds files finds that too, and adds it again when it can be hashed
      if (fault === 'PATH_UNUSABLE' || fault === 'CANCELLED')
        return log.debug({ path: file.path, reason: messageOf(error) }, 'a file was not hashed')
      isBroken = true // or every file would fail of it, one after the other
      waiting.set(file.path, file)
      ordered = null
      log.error({ err: error }, 'hashing in the background stopped')
    }
  }

  const queue = {
    get isBusy(): boolean {
      return current !== null
    },

    add(files: readonly FileToHash[]): void {
      isBroken = false
      const isNew = ({ path, sizeBytes, modifiedAt }: FileToHash): boolean => {
        const known = current?.file.path === path ? current.file : waiting.get(path)
        return known === undefined || known.sizeBytes !== sizeBytes || known.modifiedAt !== modifiedAt
      }
      const fresh = files.filter(isNew)
      if (fresh.length === 0) return // thousands that wait stay in their order
      for (const file of fresh) if (current?.file.path !== file.path) waiting.set(file.path, file)
      ordered = null
    },

    waiting(): { readonly files: number; readonly bytes: number } {
      const left = current ? [...waiting.values(), current.file] : [...waiting.values()]
      return { files: left.length, bytes: left.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
    },

    /** It was hashed otherwise. */
    forget(path: string): void {
      waiting.delete(path)
      if (current?.file.path === path) current.controller.abort()
    },

    /** Starts the next one unless one is on its way or nothing may start. */
    next(): void {
      if (current || isBroken || !mayStart()) return
      const file = smallest()
      if (!file) return
      const controller = new AbortController()
      const ended = run(file, controller.signal).then(() => {
        current = null
        isIdle()
      })
      current = { file, controller, ended }
    },

    /** one has ended, and none is on its way */
    onIdle(listener: () => void): void {
      isIdle = listener
    },

    /** Nothing waits any more, and what is on its way ends. */
    clear(): void {
      waiting.clear()
      ordered = null
      current?.controller.abort()
    },

    async close(): Promise<void> {
      queue.clear()
      await current?.ended
    },
  }
  return queue
}
