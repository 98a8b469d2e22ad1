import { once } from 'node:events'
import { setTimeout as setTimer } from 'node:timers'
import { Worker } from 'node:worker_threads'
import { AppError } from '../../lib/appError.ts'
import type { HashedFile } from './hashFile.ts'
import type { HashAnswer, HashOrder } from './hashWorker.ts'
import type { HashControl } from './pacer.ts'

export interface FileHasherDeps {
  readonly startWorker: () => Worker
  /** the worker ends after so long without work */
  readonly idleMs?: number
}

export interface HashRequest {
  /** byte to begin at */
  readonly from?: number
  readonly control: HashControl
  readonly signal: AbortSignal
  /** about ten times a second */
  readonly report?: (doneBytes: number, ofBytes: number) => void
}

/** Its heap stays small: what it hashes lies in buffers beside it. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }
/** A read that hangs in the system cannot hear that it is cancelled. */
const cancelMs = 2000

/** @param module hashWorker.ts, or what it was built to */
export const startHashWorker = (module: URL): Worker => new Worker(module, { resourceLimits })

/** One worker that hashes one file at a time. It starts with the first file and ends when there is nothing to do. */
export const createFileHasher = ({ startWorker, idleMs = 10_000 }: FileHasherDeps) => {
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | undefined
  let isClosed = false
  /** of the file that is hashed now; null: none is */
  let control: HashControl | null = null

  const order = (to: Worker, message: HashOrder): void => to.postMessage(message)
  const drop = (): void => {
    void worker?.terminate()
    worker = null
  }

  const started = async (): Promise<Worker> => {
    if (worker) return worker
    const fresh = startWorker()
    const forget = () => {
      if (worker === fresh) worker = null
    }
    fresh.on('error', forget).on('exit', forget)
    const ended = once(fresh, 'exit').then(([code]) => Promise.reject(new Error(`it ended with code ${code}`)))
    await Promise.race([once(fresh, 'message'), ended]).catch((cause: unknown) => {
      throw new AppError('INTERNAL', 'The hashing worker does not start.', { cause })
    })
    worker = fresh
    return fresh
  }

  /** What it says last. Rejects when it ends instead, by itself or because it did not hear that it is cancelled. */
  const answerOf = async (asked: Worker, { signal, report }: HashRequest) => {
    const settled = new AbortController()
    let late: NodeJS.Timeout | undefined
    const cancel = () => {
      order(asked, { type: 'cancel' })
      late = setTimer(() => void asked.terminate(), cancelMs)
    }
    const { promise, resolve } = Promise.withResolvers<Exclude<HashAnswer, { type: 'progress' }>>()
    const listen = (answer: HashAnswer) => {
      if (answer.type === 'progress') report?.(answer.doneBytes, answer.ofBytes)
      else resolve(answer)
    }
    asked.on('message', listen)
    signal.addEventListener('abort', cancel)
    if (signal.aborted) cancel()
    try {
      const ended = once(asked, 'exit', { signal: settled.signal })
      return await Promise.race([promise, ended.then(([code]) => Promise.reject(`it ended with code ${code}`))])
    } finally {
      settled.abort()
      clearTimeout(late)
      signal.removeEventListener('abort', cancel)
      asked.off('message', listen)
    }
  }

  const exchange = async (path: string, request: HashRequest): Promise<HashedFile> => {
    const asked = await started()
    if (isClosed) drop()
    asked.ref()
    order(asked, { type: 'hash', path, from: request.from ?? 0, control: control ?? request.control })
    try {
      const answer = await answerOf(asked, request)
      if (answer.type === 'done') return answer.hashed
      if (answer.type === 'cancelled') throw new AppError('CANCELLED')
      const { code, message, advice, details } = answer
      throw new AppError(code, message, { advice, ...(details && { details }) })
    } catch (error) {
      if (error instanceof AppError) throw error
      if (isClosed || request.signal.aborted) throw new AppError('CANCELLED')
      throw new AppError('INTERNAL', 'The hashing worker ended unexpectedly.', { cause: error })
    } finally {
      asked.unref()
    }
  }

  return {
    /**
     * The caller waits for one before it asks for the next.
     * @throws AppError PATH_UNUSABLE (`details.fault` FILE_CHANGED, FILE_MISSING, IS_A_LINK …), CANCELLED
     */
    hash: async (path: string, request: HashRequest): Promise<HashedFile> => {
      if (control) throw new Error('a file hasher hashes one file at a time')
      clearTimeout(idle)
      control = request.control
      try {
        if (isClosed || request.signal.aborted) throw new AppError('CANCELLED')
        return await exchange(path, request)
      } finally {
        control = null
        if (!isClosed) idle = setTimer(drop, idleMs).unref()
      }
    },

    /** Of the file that is hashed now. */
    control: (next: HashControl): void => {
      if (!control) return
      control = next
      if (worker) order(worker, { type: 'control', control })
    },

    close: (): void => {
      isClosed = true
      clearTimeout(idle)
      drop()
    },
  }
}

export type FileHasher = ReturnType<typeof createFileHasher>
