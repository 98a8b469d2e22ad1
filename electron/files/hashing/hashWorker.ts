import { parentPort } from 'node:worker_threads'
import type { ErrorCode } from '../../../shared/contract/errors.ts'
import { AppError, type ErrorDetails, messageOf } from '../../lib/appError.ts'
import { FormatError, toAppError } from '../formats/formatError.ts'
import { type HashedFile, hashFile } from './hashFile.ts'
import { createPacer, type HashControl, type Pacer } from './pacer.ts'

/** One file at a time: the next `hash` comes after the answer to the one before it. */
export type HashOrder =
  | { readonly type: 'hash'; readonly path: string; readonly from: number; readonly control: HashControl }
  | { readonly type: 'control'; readonly control: HashControl }
  | { readonly type: 'cancel' }

export type HashAnswer =
  | { readonly type: 'progress'; readonly doneBytes: number; readonly ofBytes: number }
  | { readonly type: 'done'; readonly hashed: HashedFile }
  | { readonly type: 'cancelled' }
  | {
      readonly type: 'failed'
      readonly code: ErrorCode
      readonly message: string
      readonly advice: string
      readonly details: ErrorDetails | undefined
    }

const reportEveryMs = 100

const failed = (error: unknown): HashAnswer => {
  const { code, message, advice, details } =
    error instanceof FormatError ? toAppError(error) : new AppError('INTERNAL', messageOf(error))
  return { type: 'failed', code, message, advice, details }
}

const port = parentPort
if (!port) throw new Error('hashWorker runs as a worker thread')

let current: { readonly pacer: Pacer; readonly controller: AbortController } | null = null

const hash = async ({ path, from, control }: Extract<HashOrder, { type: 'hash' }>): Promise<HashAnswer> => {
  const [pacer, controller] = [createPacer(control), new AbortController()]
  const { signal } = controller
  let reportedAt = performance.now()
  const report = (doneBytes: number, ofBytes: number) => {
    if (performance.now() - reportedAt < reportEveryMs) return
    reportedAt = performance.now()
    port.postMessage({ type: 'progress', doneBytes, ofBytes } satisfies HashAnswer)
  }
  current = { pacer, controller }
  try {
    return { type: 'done', hashed: await hashFile(path, { from, pacer, signal, report }) }
  } catch (error) {
    return signal.aborted ? { type: 'cancelled' } : failed(error)
  } finally {
    current = null
  }
}

port.on('message', (order: HashOrder) => {
  if (order.type === 'hash') void hash(order).then((answer) => port.postMessage(answer))
  else if (order.type === 'control') current?.pacer.set(order.control)
  else current?.controller.abort()
})
port.postMessage('ready')
