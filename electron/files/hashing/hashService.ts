import { lstat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { Job } from '../../../shared/contract/jobs.ts'
import { AppError } from '../../lib/appError.ts'
import type { Log } from '../../lib/log.ts'
import { createBackgroundQueue, type FileToHash } from './backgroundQueue.ts'
import { createHasherPool } from './hasherPool.ts'

/** What a file was when it was hashed: with another size or time the digest says nothing about it. */
export interface FileStamp {
  readonly sizeBytes: number
  /** whole Unix milliseconds */
  readonly modifiedAt: number
}

interface JobContext {
  readonly signal: AbortSignal
  report(fraction: number | null, text: string | null): void
}

export interface HashServiceDeps {
  readonly startWorker: () => Worker
  /** somebody works with the machine, or a model does: what nobody waits for gets out of the way */
  readonly isUserActive: () => boolean
  /** somebody waits for the disk: what nobody waits for stands still */
  readonly isDiskWanted?: () => boolean
  /** Runs the work as a job a person sees and can cancel; it resolves with one sentence. */
  readonly runJob: (subject: string, work: (context: JobContext) => Promise<string>) => Job
  /** The path as it was given, for what was asked for and for what was added alike. */
  readonly onHashed: (path: string, stamp: FileStamp, sha256: string) => void
  /**
   * The file to open for a path, asked anew each time: links resolved, and refused where they lead out of the places
   * that files may be read from. Without it a link is refused as such.
   */
  readonly resolvePath?: (path: string) => Promise<string>
  readonly log: Log
  /** how often to look whether somebody is active */
  readonly lookEveryMs?: number
  /** workers end after so long without work */
  readonly idleMs?: number
  readonly cores?: number
}

export interface HashAsk {
  /** what a person asked for, in their words: the job's subject when it is about several files */
  readonly why: string
  /** the job's sentence from what was found, by path; throwing an AppError fails the job */
  readonly conclude?: (digests: ReadonlyMap<string, string>) => string
  /** the job ended, in whatever way */
  readonly onEnd?: () => void
}

/**
 * SHA-256 of files, in workers. What a person asked for goes first, two files at a time and at full speed. Everything
 * else waits for that, one file at a time, the smallest first, and takes a quarter of the time while somebody is active.
 * Nothing is kept here: what was not finished when Berth ended is added again by whoever finds files without a digest.
 */
export const createHashService = (deps: HashServiceDeps) => {
  const { runJob, onHashed, log, isUserActive, isDiskWanted = () => false, lookEveryMs = 1000 } = deps
  const { resolvePath = async (path: string) => path } = deps
  const closed = new AbortController()
  const pool = createHasherPool({
    startWorker: deps.startWorker,
    cores: deps.cores ?? availableParallelism(),
    ...(deps.idleMs !== undefined && { idleMs: deps.idleMs }),
  })
  let isPolling: NodeJS.Timeout | undefined

  const isHeldUp = () => pool.askedFor > 0 || isDiskWanted()
  const backgroundPace = () => (isHeldUp() ? 'paused' : isUserActive() ? 'gentle' : 'full')

  const hashOne = async (
    path: string,
    asked: 'asked' | 'background',
    signal: AbortSignal,
    report: (doneBytes: number) => void = () => {},
  ): Promise<string> => {
    const real = await resolvePath(path)
    const { sha256, sizeBytes, modifiedAt } = await pool.hash(real, { asked, signal, report })
    onHashed(path, { sizeBytes, modifiedAt }, sha256)
    return sha256
  }

  const background = createBackgroundQueue({
    hash: (path, signal) => hashOne(path, 'background', signal),
    mayStart: () => !isHeldUp() && !closed.signal.aborted,
    log,
  })

  /** As long as something runs in the background: what it may use changes with what people do. */
  const settle = (): void => {
    pool.setBackgroundPace(backgroundPace())
    void background.next()
    const isNeeded = (background.isBusy || (isDiskWanted() && background.waiting().files > 0)) && !closed.signal.aborted
    if (isNeeded) isPolling ??= setInterval(settle, lookEveryMs).unref()
    else {
      clearInterval(isPolling)
      isPolling = undefined
    }
  }
  background.onIdle(settle)

  const sizeOf = async (path: string): Promise<number> => {
    try {
      return (await lstat(await resolvePath(path))).size
    } catch {
      return 0 // the hash says why
    }
  }

  const hashAll = async (paths: readonly string[], { signal, report }: JobContext): Promise<Outcome> => {
    const sizes: number[] = []
    for (let first = 0; first < paths.length; first += 100)
      sizes.push(...(await Promise.all(paths.slice(first, first + 100).map(sizeOf))))
    const wholeBytes = sizes.reduce((sum, size) => sum + size, 0)
    const doneBytes = paths.map(() => 0)
    const outcome = { digests: new Map<string, string>(), failures: [] as unknown[] }
    const hash = async (path: string, index: number): Promise<void> => {
      const digest = await hashOne(path, 'asked', signal, (done) => {
        doneBytes[index] = done
        report(doneBytes.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, wholeBytes), basename(path))
      })
      doneBytes[index] = sizes[index] ?? 0
      outcome.digests.set(path, digest)
      background.forget(path)
    }
    const left = paths.entries()
    const lane = async (): Promise<void> => {
      for (const [index, path] of left) {
        if (signal.aborted) return
        await hash(path, index).catch((error: unknown) => outcome.failures.push(error))
      }
    }
    await Promise.all([lane(), lane()])
    if (signal.aborted) throw new AppError('CANCELLED')
    return outcome
  }

  return {
    /**
     * At full speed and before everything else, also for files whose digest is known: this is how rot is found. Every
     * file is looked at, then the job fails with the first fault.
     */
    hash: (paths: readonly string[], ask: HashAsk): Job => {
      const wanted = [...new Set(paths)]
      const [only] = wanted
      return runJob(wanted.length === 1 && only !== undefined ? only : ask.why, async (context) => {
        const release = pool.expectAsked()
        settle()
        try {
          const signal = AbortSignal.any([context.signal, closed.signal])
          const { digests, failures } = await hashAll(wanted, { ...context, signal })
          if (failures.length > 0) throw failureOf(failures, wanted.length)
          return ask.conclude?.(digests) ?? sentence(digests)
        } finally {
          release()
          settle()
          ask.onEnd?.()
        }
      })
    },

    /** Files without a digest. One that waits already is not there twice; one that cannot be read is passed over. */
    addBackground: (files: readonly FileToHash[]): void => {
      background.add(files)
      settle()
    },

    /** Nothing is hashed unasked any more, until files are added again. */
    dropBackground: (): void => {
      background.clear()
      settle()
    },

    /** What nobody asked for and is still to be done. */
    waiting: (): { readonly files: number; readonly bytes: number } => background.waiting(),

    close: async (): Promise<void> => {
      closed.abort()
      const ended = background.close()
      pool.close()
      settle()
      await ended
    },
  }
}

interface Outcome {
  /** by path */
  readonly digests: ReadonlyMap<string, string>
  readonly failures: readonly unknown[]
}

const failureOf = (failures: readonly unknown[], ofFiles: number): unknown => {
  const [first] = failures
  if (failures.length === 1 && ofFiles === 1) return first
  if (!(first instanceof AppError)) return first
  const message = `${failures.length} of ${ofFiles} files could not be hashed; the first: ${first.message}`
  return new AppError(first.code, message, { advice: first.advice, cause: first })
}

const sentence = (digests: ReadonlyMap<string, string>): string => {
  const [only] = digests.values()
  return digests.size === 1 && only !== undefined ? `SHA-256 ${only}` : `${digests.size} files hashed.`
}

export type HashService = ReturnType<typeof createHashService>
