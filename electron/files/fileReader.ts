import { once } from 'node:events'
import { setTimeout as setTimer } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { AppError, messageOf } from '../lib/appError.ts'
import type { FileAnswer, FileQuestion, FileValue, ModelFiles } from './fileWorker.ts'

export interface FileReaderDeps {
  readonly startWorker: () => Worker
  /** a file that takes longer is given up */
  readonly timeoutMs?: number
  /** the worker ends after so long without work, to give its memory back */
  readonly idleMs?: number
}

/** What a header may cost before it is taken for hostile: JavaScript memory, beside which buffers are bounded by the reader. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 }

/** @param module fileWorker.ts, or what it was built to */
export const startFileWorker = (module: URL): Worker => new Worker(module, { resourceLimits })

const fault = (code: string, message: string, advice: string, cause?: unknown) =>
  new AppError('FILE_INVALID', message, { advice, details: { fault: code }, cause })

const tookTooLong = (timeoutMs: number) =>
  fault(
    'READ_TIMEOUT',
    `The file was given up after ${timeoutMs / 1000} s.`,
    'If its disk is slow or asleep, scan again; otherwise the file is damaged.',
  )

const crashed = (cause: unknown) =>
  fault(
    'READER_CRASHED',
    `Reading this file ended the reader: ${messageOf(cause)}`,
    'The file is damaged or made to do harm. Download it again from a place you trust.',
    cause,
  )

/**
 * Reads model files in a worker, one at a time, so that a hostile file costs an error and not the host. A worker that
 * crashes or hangs is replaced at the next question.
 */
export const createFileReader = ({ startWorker, timeoutMs = 30_000, idleMs = 10_000 }: FileReaderDeps) => {
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let isClosed = false

  const drop = (): void => {
    void worker?.terminate() // not awaited: a read that hangs in the system would hold us too
    worker = null
  }

  /** Rejects with INTERNAL when the worker itself does not start: no file is to blame for that. */
  const started = async (): Promise<Worker> => {
    if (worker) return worker
    const fresh = startWorker()
    const forget = () => {
      if (worker === fresh) worker = null
    }
    fresh.on('error', forget).on('exit', forget)
    const ended = once(fresh, 'exit').then(([code]) => Promise.reject(new Error(`it ended with code ${code}`)))
    await Promise.race([once(fresh, 'message'), ended]).catch((cause: unknown) => {
      throw new AppError('INTERNAL', 'The file reader does not start.', { cause })
    })
    worker = fresh
    return fresh
  }

  const exchange = async (asked: Worker, question: FileQuestion): Promise<FileAnswer> => {
    const settled = new AbortController()
    const { signal } = settled
    asked.ref()
    try {
      const answered = once(asked, 'message', { signal })
      const ended = once(asked, 'exit', { signal }).then(([code]) => Promise.reject(`it ended with code ${code}`))
      const late = setTimeout(timeoutMs, null, { signal }).then(() => Promise.reject(tookTooLong(timeoutMs)))
      asked.postMessage(question)
      const [answer] = (await Promise.race([answered, ended, late])) as [FileAnswer] // fileWorker.ts sends nothing else
      return answer
    } catch (error) {
      drop()
      if (isClosed) throw new AppError('CANCELLED')
      throw error instanceof AppError ? error : crashed(error)
    } finally {
      settled.abort()
      asked.unref()
    }
  }

  const ask = async (question: FileQuestion): Promise<FileValue> => {
    clearTimeout(idle)
    if (isClosed) throw new AppError('CANCELLED')
    try {
      const answer = await exchange(await started(), question)
      if (!answer.error) return answer.value
      const { code, message, advice, details } = answer.error
      throw new AppError(code, message, { advice, ...(details && { details }) })
    } finally {
      if (!isClosed) idle = setTimer(drop, idleMs).unref()
    }
  }

  const inTurn = (question: FileQuestion): Promise<FileValue> => {
    const answer = queue.then(() => ask(question))
    queue = answer.catch(() => {}) // the caller hears of it
    return answer
  }

  const expect = async <Type extends FileValue['type']>(question: Extract<FileQuestion, { type: Type }>) => {
    const value = await inTurn(question)
    if (value.type !== question.type) throw new AppError('INTERNAL', 'The file reader answered another question.')
    return value as Extract<FileValue, { type: Type }> // the line above proves it
  }

  return {
    /** Which of these begin like a model file. One that cannot be read does not. */
    recognize: async (paths: readonly string[]) => (await expect({ type: 'recognize', paths })).recognized,
    /** The facts a list shows. */
    summarize: async (files: ModelFiles) => (await expect({ type: 'summarize', ...files })).summary,
    /** Everything, for one details page. */
    inspect: async (files: ModelFiles) => (await expect({ type: 'inspect', ...files })).inspection,
    close: (): void => {
      isClosed = true
      clearTimeout(idle)
      drop()
    },
  }
}

export type FileReader = ReturnType<typeof createFileReader>
