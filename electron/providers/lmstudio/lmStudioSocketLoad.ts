import { setTimeout as setTimer } from 'node:timers'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { AppError, errnoOf, messageOf } from '../../lib/appError.ts'
import { oneLine, toHttpFault } from '../../lib/httpFaults.ts'
import type { ReportProgress } from '../provider.ts'
import { faultOfText } from './lmStudioFaults.ts'
import { redactIdentity } from './lmStudioKey.ts'
import type { LoadNews, LoadOrder } from './lmStudioWorker.ts'

/** What the SDK may cost; frames that it keeps lie beside this. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 }
/** The SDK reads no tokens and ports from the environment, and draws no boxes for terminals. */
const env = { LMS_NO_FANCY_ERRORS: '1', FORCE_COLOR: '0' }
/** A cancelled one that says nothing is ended. */
const cancelMs = 2_000

/** In the build it lies above the folder of this file's chunk. */
const workerModule = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './lmStudioWorker.ts' : '../lmStudioWorker.js', import.meta.url)

export const startLoadWorker = (order: LoadOrder): Worker =>
  new Worker(workerModule(), { workerData: order, resourceLimits, env, stdout: true, stderr: true, stdin: false })

const Instance = z.string().min(1).max(900)

export interface SocketLoad {
  readonly order: LoadOrder
  readonly startWorker: (order: LoadOrder) => Worker
  readonly loadMs: number
  /** Resolves with the instance when the server lists a new one: asked where the SDK cannot read the end. */
  readonly appeared: (signal: AbortSignal) => Promise<string>
}

/**
 * Loads through the SDK, in a worker of its own: a wrong answer of the server throws where nobody can catch it, some are
 * waited for without end, and only the end of the worker surely closes its connections. Resolves with the instance.
 */
export const loadOverSocket = async (
  load: SocketLoad,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<string> => {
  const { order, startWorker, loadMs, appeared } = load
  if (signal.aborted) throw cancelled()
  const settled = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const worker = startWorker(order)
  for (const output of [worker.stdout, worker.stderr]) output.resume() // read by nobody, kept by nobody
  const timers: NodeJS.Timeout[] = []
  const stop = () => {
    worker.postMessage('cancel')
    timers.push(setTimer(() => reject(cancelled()), cancelMs))
  }
  let isUnclear = false
  worker.on('message', (news: LoadNews) => {
    if (news.type === 'progress') report(clamp(news.fraction))
    else if (news.type === 'loaded') settle(Instance.safeParse(redactIdentity(order.identity).text(news.instance)).data)
    else if (news.type === 'failed') reject(toFault(news.message, news.code, order))
    else if (news.type === 'cancelled') reject(cancelled())
    else if (!isUnclear) {
      isUnclear = true
      appeared(settled.signal).then(resolve, reject)
    }
  })
  const settle = (instance: string | undefined) =>
    instance === undefined ? reject(unreadable('it gave no name to what it loaded')) : resolve(instance)
  worker.on('error', (error) => {
    const isOurs = errnoOf(error)?.startsWith('ERR_MODULE') === true // a build that lacks a part
    reject(isOurs ? error : unreadable(messageOf(error), error))
  })
  worker.on('exit', () => reject(unreadable('the connection ended')))
  signal.addEventListener('abort', stop, { signal: settled.signal })
  timers.push(setTimer(() => reject(tooSlow(order.key, loadMs)), loadMs))
  try {
    return await promise
  } finally {
    settled.abort()
    for (const timer of timers) clearTimeout(timer)
    await worker.terminate()
  }
}

const clamp = (fraction: number): number | null =>
  Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : null

const cancelled = () => new AppError('CANCELLED', 'Loading in LM Studio was cancelled.')
const unreadable = (why: string, cause?: unknown) =>
  new AppError('PROVIDER_BAD_ANSWER', `LM Studio did not answer as its SDK expects: ${oneLine(why, 300)}`, { cause })
const tooSlow = (key: string, loadMs: number) =>
  new AppError('PROVIDER_TIMEOUT', `LM Studio did not load ${key} within ${loadMs / 1000} s.`)

/** Sentences of ws and of the SDK about the connection, not about the load. */
const connection = /WebSocket|Unexpected server response|Max payload|Failed to parse authentication/

const toFault = (message: string, code: string | null, { baseUrl, key, identity }: LoadOrder): AppError => {
  const text = oneLine(redactIdentity(identity).text(message))
  if (/^Failed to authenticate/.test(text))
    return new AppError('PROVIDER_KEY_REJECTED', 'LM Studio does not accept the key, or needs one.')
  if (code !== null && !code.startsWith('WS_'))
    return toHttpFault(Object.assign(new Error(text), { code }), { name: 'LM Studio', origin: baseUrl }, 'reading')
  if (code !== null || connection.test(text)) return unreadable(text)
  return faultOfText(text, null) ?? new AppError('LOAD_FAILED', `LM Studio could not load ${key}: ${text}`)
}
