import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Folder } from '../../shared/contract/folders.ts'
import type { Job } from '../../shared/contract/jobs.ts'
import type { FolderRow } from '../catalog/folderRepository.ts'
import { AppError, errnoOf } from '../lib/appError.ts'
import type { Log } from '../lib/log.ts'
import { pathFault } from '../lib/pathFault.ts'
import type { FileReader } from './fileReader.ts'
import type { LibraryCatalog } from './libraryCatalog.ts'
import { describeScan, scanFolder } from './scanFolder.ts'
import { type FolderWatch, watchFault, type watchFolder } from './watchFolder.ts'

export interface ScanContext {
  readonly signal: AbortSignal
  report(fraction: number | null, text: string | null): void
}

/** How long nothing may have changed before a change is looked into, and how long that waits at most. */
export interface SettleTimes {
  readonly quietMs: number
  readonly longestMs: number
}

export interface LibraryFolderDeps {
  readonly catalog: LibraryCatalog
  readonly reader: FileReader
  readonly notModels: Set<string>
  readonly runJob: (kind: 'scan', subject: string, work: (context: ScanContext) => Promise<string>) => Job
  readonly markScanned: (path: string, at: number) => void
  readonly now: () => number
  readonly log: Log
  readonly settle: SettleTimes
  readonly watch: typeof watchFolder
  /** something a person sees of this folder is different now */
  readonly onChange: () => void
}

const removedFromLibrary = () => new AppError('CANCELLED', 'The folder is no longer in the library.')

/** One folder of the library: scanned one at a time, watched while it is there, missed while it is not. */
export const createLibraryFolder = (row: FolderRow, deps: LibraryFolderDeps) => {
  const { path, addedAt } = row
  const { catalog, reader, notModels, now, log, settle, onChange } = deps
  const removed = new AbortController()
  let { lastScanAt } = row
  let state: 'ok' | 'missing' | 'unreadable' = 'ok'
  let reason: string | null = null
  let isScanning = false
  let turn: Promise<unknown> = Promise.resolve()
  let job: Job | null = null
  let waitingScan: Promise<void> | null = null
  let watch: FolderWatch | 'starting' | null = null
  let watchReason: string | null = null
  let settling: { timer: NodeJS.Timeout; since: number } | null = null
  /** the longer a scan takes, the longer the next change waits for one */
  let scanTookMs = 0
  /** the folder as it was when it was last there: another one may take its name, on another disk or on the same */
  let seen: { readonly device: number; readonly inode: number } | null = null

  const endWatch = async (): Promise<void> => {
    const ending = watch
    watch = null
    if (ending && ending !== 'starting') await ending.close()
  }

  const setUnavailable = (error: unknown): AppError => {
    state = ['EACCES', 'EPERM'].includes(errnoOf(error) ?? '') ? 'unreadable' : 'missing'
    reason = error instanceof AppError ? error.message : pathFault(path, error)
    void endWatch()
    return new AppError('PATH_UNUSABLE', reason, {
      advice: 'Connect its disk or correct its rights. What was found in it stays listed.',
      cause: error,
    })
  }

  /**
   * An empty folder with models in the catalog: emptied by someone, or what is left where a disk was mounted? Certain only
   * when this process saw the folder before or a disk is mounted on it; else a scan that a person asked for decides.
   */
  const isUnplugged = async (isAskedFor: boolean): Promise<boolean> => {
    const { dev } = await stat(path)
    if (seen) return dev !== seen.device
    return !isAskedFor && dev === (await stat(dirname(path))).dev
  }

  /** A watch holds on to the folder it began with, not to its name. */
  const rememberFolder = async (): Promise<void> => {
    const { dev, ino } = await stat(path)
    if (seen && (seen.device !== dev || seen.inode !== ino)) await endWatch()
    seen = { device: dev, inode: ino }
  }

  const scan = async (context: ScanContext, isAskedFor: boolean): Promise<string> => {
    const signal = AbortSignal.any([context.signal, removed.signal])
    const begun = performance.now()
    isScanning = true
    onChange()
    try {
      signal.throwIfAborted()
      const result = await scanFolder(path, {
        reader,
        notModels,
        known: catalog.below(path),
        signal,
        report: context.report,
        isUnplugged: () => isUnplugged(isAskedFor),
        remove: catalog.remove,
        save: (artifacts) => {
          if (!removed.signal.aborted) catalog.save(artifacts)
        },
      })
      await rememberFolder()
      state = 'ok'
      reason = null
      lastScanAt = now()
      deps.markScanned(path, lastScanAt)
      scanTookMs = performance.now() - begun
      if (!watch && (isAskedFor || !watchReason)) void beginWatch()
      return describeScan(result)
    } catch (error) {
      if (removed.signal.aborted) throw removedFromLibrary()
      if (context.signal.aborted) throw new AppError('CANCELLED')
      if (error instanceof AppError ? error.code === 'PATH_UNUSABLE' : /^E[A-Z]+$/.test(errnoOf(error) ?? ''))
        throw setUnavailable(error)
      throw error
    } finally {
      isScanning = false
      onChange()
    }
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => {}) // whoever asked for it hears of it
    return done
  }

  /** As a job a person sees; the one that is waiting or running is joined. */
  const scanAsJob = (isAskedFor: boolean): Job => {
    if (job) return job
    const work = (context: ScanContext) =>
      inTurn(() => scan(context, isAskedFor)).finally(() => {
        job = null
      })
    const started = deps.runJob('scan', path, work)
    job = started
    return started
  }

  /** Without a job: after a change on disk. Resolves when everything that is there now has been looked at. */
  const scanQuietly = (): Promise<void> => {
    waitingScan ??= inTurn(async () => {
      waitingScan = null
      await scan({ signal: removed.signal, report: () => {} }, false).catch((error: unknown) => {
        if (!(error instanceof AppError)) log.error({ err: error }, 'A library folder could not be scanned.')
        else if (error.code !== 'CANCELLED') log.warn({ code: error.code }, 'A library folder could not be scanned.')
      })
    })
    return waitingScan
  }

  /** A download changes all the time: wait until it is quiet, but not for ever. */
  const settleThenScan = (): void => {
    if (removed.signal.aborted) return
    const since = settling?.since ?? performance.now()
    clearTimeout(settling?.timer)
    const quietMs = Math.max(settle.quietMs, 2 * scanTookMs)
    const left = since + Math.max(settle.longestMs, quietMs) - performance.now()
    const timer = setTimeout(
      () => {
        settling = null
        void scanQuietly()
      },
      Math.max(0, Math.min(quietMs, left)),
    ).unref()
    settling = { timer, since }
  }

  const refuseWatch = (error: unknown): void => {
    watch = null
    watchReason = watchFault(error)
    log.warn({ code: errnoOf(error) }, 'A library folder is not watched.')
    onChange()
  }

  const beginWatch = async (): Promise<void> => {
    watch = 'starting'
    watchReason = null
    try {
      const begun = await deps.watch(path, { onChange: settleThenScan, onRefused: refuseWatch })
      if (removed.signal.aborted || watch !== 'starting') return await begun.close()
      watch = begun
      onChange()
      settleThenScan() // what changed after the scan saw it and before the watch did
    } catch (error) {
      refuseWatch(error)
    }
  }

  /** Whether it is the folder that was scanned. Rejects when there is none that can be. */
  const isSame = async (): Promise<boolean> => {
    const found = await stat(path)
    if (!found.isDirectory()) throw new AppError('PATH_UNUSABLE', `${path} is no folder any more.`)
    await access(path, constants.R_OK | constants.X_OK)
    return seen === null || (seen.device === found.dev && seen.inode === found.ino)
  }

  return {
    path,
    scanAsJob,
    scanQuietly,

    /** Notices that its disk came or went, which no watch tells. Answers whether it is there. */
    look: async (): Promise<boolean> => {
      try {
        const isKnown = await isSame()
        if (!isScanning && !removed.signal.aborted && (state !== 'ok' || !isKnown)) void scanQuietly()
        return true
      } catch (error) {
        if (state === 'ok' && !isScanning) {
          setUnavailable(error)
          onChange()
        }
        return false
      }
    },

    view: (): Folder => {
      const artifacts = catalog.below(path)
      return {
        path,
        addedAt,
        state: isScanning ? 'scanning' : state,
        reason: reason ?? watchReason,
        lastScanAt,
        artifacts: artifacts.length,
        sizeBytes: artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0),
        watched: watch !== null && watch !== 'starting',
      }
    },

    /** Ends scan and watch. */
    close: async (): Promise<void> => {
      removed.abort(removedFromLibrary())
      clearTimeout(settling?.timer)
      await turn
      await endWatch()
    },
  }
}

export type LibraryFolder = ReturnType<typeof createLibraryFolder>
