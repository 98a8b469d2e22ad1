import { on, once } from 'node:events'
import { setTimeout as setTimer } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { AppError, messageOf } from '../lib/appError.ts'
import type { FileAnswer, FileEvent, FileOrder, FileQuestion, FileValue, ModelFiles } from './fileWorker.ts'
import type { TensorQuery } from './validation/tensors.ts'

export interface FileReaderDeps {
  readonly startWorker: () => Worker
  /** a file that takes longer is given up */
  readonly timeoutMs?: number
  /** one that was told to stop and goes on is ended after so long */
  readonly cancelMs?: number
  /** the worker ends after so long without work, to give its memory back */
  readonly idleMs?: number
}

/** What a header may cost before it is taken for hostile: JavaScript memory, beside which buffers are bounded by the reader. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 }

const cancel: FileOrder = { type: 'cancel' }

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

interface Asking {
  readonly onEvent?: (event: FileEvent) => void
  /** Aborting rejects with CANCELLED, at once when it has not begun. */
  readonly signal?: AbortSignal
}
type Answered = Exclude<FileAnswer, { event: unknown }>

/** Resolves with what ends the exchange. fileWorker.ts sends nothing but FileAnswers after its first word. */
const finalMessage = async (worker: Worker, onEvent: Asking['onEvent'], signal: AbortSignal): Promise<Answered> => {
  for await (const [message] of on(worker, 'message', { signal }) as AsyncIterable<[FileAnswer]>) {
    if (!('event' in message)) return message
    onEvent?.(message.event)
  }
  throw new Error('the worker went silent')
}

/**
 * Reads model files in a worker, one at a time, so that a hostile file costs an error and not the host. A worker that
 * crashes or hangs is replaced at the next question.
 */
export const createFileReader = ({
  startWorker,
  timeoutMs = 30_000,
  cancelMs = 2_000,
  idleMs = 10_000,
}: FileReaderDeps) => {
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

  const exchange = async (asked: Worker, question: FileQuestion, asking: Asking): Promise<Answered> => {
    const settled = new AbortController()
    const { signal } = settled
    asked.ref()
    try {
      const answered = finalMessage(asked, asking.onEvent, signal)
      const ended = once(asked, 'exit', { signal }).then(([code]) => Promise.reject(`it ended with code ${code}`))
      const late = setTimeout(timeoutMs, null, { signal }).then(() => Promise.reject(tookTooLong(timeoutMs)))
      const unheard = Promise.withResolvers<never>()
      const stop = (): void => {
        asked.postMessage(cancel)
        const end = () => unheard.reject(new AppError('CANCELLED'))
        setTimeout(cancelMs, null, { signal }).then(end, () => {}) // it did hear
      }
      asking.signal?.addEventListener('abort', stop, { signal })
      asked.postMessage(question)
      return await Promise.race([answered, ended, late, unheard.promise])
    } catch (error) {
      drop()
      if (isClosed) throw new AppError('CANCELLED')
      throw error instanceof AppError ? error : crashed(error)
    } finally {
      settled.abort()
      asked.unref()
    }
  }

  const ask = async (question: FileQuestion, asking: Asking): Promise<FileValue> => {
    clearTimeout(idle)
    if (isClosed || asking.signal?.aborted) throw new AppError('CANCELLED')
    try {
      const ready = await started()
      if (isClosed || asking.signal?.aborted) throw new AppError('CANCELLED') // while it started
      const answer = await exchange(ready, question, asking)
      if (!answer.error) return answer.value
      const { code, message, advice, details } = answer.error
      throw new AppError(code, message, { advice, ...(details && { details }) })
    } finally {
      if (!isClosed) idle = setTimer(drop, idleMs).unref()
    }
  }

  const inTurn = (question: FileQuestion, asking: Asking): Promise<FileValue> => {
    const { signal } = asking
    let isBegun = false
    const answer = queue.then(() => {
      isBegun = true
      return ask(question, asking)
    })
    queue = answer.catch(() => {}) // the caller hears of it
    if (!signal) return answer
    const { promise, resolve, reject } = Promise.withResolvers<FileValue>()
    const leave = (): void => {
      if (!isBegun) reject(new AppError('CANCELLED'))
    }
    signal.addEventListener('abort', leave)
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    return promise
  }

  const expect = async <Type extends FileValue['type']>(
    question: Extract<FileQuestion, { type: Type }>,
    asking: Asking = {},
  ) => {
    const value = await inTurn(question, asking)
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
    /** Up the whole ladder, telling of each rung; null: a folder that is no model itself. */
    examine: async (path: string, asking?: Asking) => (await expect({ type: 'examine', path }, asking)).examination,
    tensors: async (path: string, query: TensorQuery) => {
      const { tensors, total } = await expect({ type: 'tensors', path, ...query })
      return { tensors, total }
    },
    compare: async (left: string, right: string) => (await expect({ type: 'compare', left, right })).comparison,
    /** A copy with other metadata; on any failure nothing is left of it. */
    write: async (copy: Omit<Extract<FileQuestion, { type: 'write' }>, 'type'>, asking: Asking): Promise<void> =>
      void (await expect({ type: 'write', ...copy }, asking)),
    close: (): void => {
      isClosed = true
      clearTimeout(idle)
      drop()
    },
  }
}

export type FileReader = ReturnType<typeof createFileReader>
