import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { AppError, messageOf } from '../../lib/appError.ts'
import type { LoadOutcome, RunLoad, WireOrder } from './loadOrder.ts'
import type { FromLoadWorker, ToLoadWorker } from './loadWorker.ts'

/** What a hostile server may cost. */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 }

/** One that does not end is ended. */
const closeMs = 2_000

/** Of a worker beside this file; in the build it lies above the folder of this file's chunk. */
export const workerModule = (name: 'loadWorker' | 'loopbackWorker'): URL =>
  new URL(import.meta.url.endsWith('.ts') ? `./${name}.ts` : `../${name}.js`, import.meta.url)

export interface LoadClient {
  /** One load at a time. Aborting ends what is under way, and resolves when nothing is left of it. */
  readonly run: RunLoad<WireOrder>
  /** Resolves when its connections are closed and its thread has ended. */
  readonly close: () => Promise<void>
}

/** The load client in a thread of its own. The environment is not handed on: no proxy, no options of Node. */
export const createLoadClient = (): LoadClient => {
  const worker = new Worker(workerModule('loadWorker'), { resourceLimits, env: {}, stdin: false })
  let failed: AppError | null = null
  let current: { onMessage: (message: FromLoadWorker) => void; reject: (error: AppError) => void } | null = null
  const fail = (error: AppError): void => {
    failed ??= error
    current?.reject(failed)
  }
  worker.on('message', (message: FromLoadWorker) => current?.onMessage(message))
  worker.on('error', (error) =>
    fail(new AppError('INTERNAL', `The load client ended: ${messageOf(error)}`, { cause: error })),
  )
  worker.on('exit', () => fail(new AppError('INTERNAL', 'The load client ended.')))
  const tell = (message: ToLoadWorker): void => worker.postMessage(message)

  const run: LoadClient['run'] = async (order, onAnswer, signal) => {
    if (failed !== null) throw failed
    const { promise, resolve, reject } = Promise.withResolvers<LoadOutcome>()
    let fault: { readonly error: unknown } | null = null
    const onMessage = (message: FromLoadWorker): void => {
      if (message.type === 'ended') {
        if (fault === null) resolve(message.outcome)
        else reject(fault.error)
        return
      }
      try {
        if (fault === null) onAnswer(message.answer)
      } catch (error) {
        fault = { error } // whoever asked for the load cannot go on with it, e.g. because the disk is full
        tell({ type: 'cancel' })
      }
    }
    current = { onMessage, reject }
    const onAbort = () => tell({ type: 'cancel' })
    tell({ type: 'run', order })
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
      current = null
    }
  }

  return {
    run,
    close: async () => {
      if (failed !== null) return
      const ended = once(worker, 'exit')
      tell({ type: 'close' })
      const timer = setTimeout(() => void worker.terminate(), closeMs)
      await ended
      clearTimeout(timer)
    },
  }
}
