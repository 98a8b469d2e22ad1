import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { LMStudioClient } from '@lmstudio/sdk'
import type { LmStudioIdentity } from './lmStudioKey.ts'
import type { SdkLoad } from './lmStudioOptions.ts'

/** What one load is. */
export interface LoadOrder {
  /** ws or wss, without a last slash */
  readonly baseUrl: string
  readonly identity: LmStudioIdentity
  readonly key: string
  readonly load: SdkLoad
}

/**
 * `unclear`: LM Studio sent something the SDK cannot read, which may have been the end. `code`: errno or the like of a
 * connection that failed.
 */
export type LoadNews =
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'loaded'; readonly instance: string }
  | { readonly type: 'failed'; readonly message: string; readonly code: string | null }
  | { readonly type: 'unclear' }
  | { readonly type: 'cancelled' }

/** Milliseconds between two pieces of progress. */
const paceMs = 100
/** For the word that it is cancelled to leave this machine. */
const flushMs = 250
const maxText = 4_000

const tell = (news: LoadNews): void => parentPort?.postMessage(news)

/** It prints nothing; its warnings are the only sign that an answer was dropped. One is enough. */
let isUnclear = false
const logger = {
  info: () => {},
  debug: () => {},
  error: () => {},
  warn: (...words: readonly unknown[]) => {
    const isDropped = words.some((word) => /communication warning|invalid (JSON )?message/i.test(String(word)))
    if (isDropped && !isUnclear) tell({ type: 'unclear' })
    isUnclear ||= isDropped
  },
}

const run = async ({ baseUrl, identity, key, load }: LoadOrder): Promise<void> => {
  const cancel = new AbortController()
  parentPort?.once('message', () => cancel.abort()) // nothing else is ever sent here
  const client = new LMStudioClient({ baseUrl, logger, verboseErrorMessages: false, ...identity })
  const { type, config, ttlSeconds } = load
  let toldAt = Number.NEGATIVE_INFINITY
  const onProgress = (fraction: number) => {
    const now = performance.now()
    if (now - toldAt < paceMs) return
    toldAt = now
    tell({ type: 'progress', fraction })
  }
  const options = {
    config,
    verbose: false,
    signal: cancel.signal,
    onProgress,
    ...(ttlSeconds !== null && { ttl: ttlSeconds }),
  }
  try {
    const loaded = type === 'llm' ? await client.llm.load(key, options) : await client.embedding.load(key, options)
    tell({ type: 'loaded', instance: loaded.identifier })
  } catch (error) {
    if (cancel.signal.aborted) {
      await delay(flushMs)
      tell({ type: 'cancelled' })
    } else tell({ type: 'failed', ...described(error) })
  }
}

/** With `title` the SDK keeps apart what it otherwise draws into a picture for terminals. */
const described = (error: unknown): { message: string; code: string | null } => {
  const known = { title: null, code: null, message: String(error) }
  const { title, code, message } = error instanceof Error ? { ...known, ...error, message: error.message } : known
  const text = typeof title === 'string' && title !== '' ? title : message.replace(/\(!\) SUGGESTION|\(X\) CAUSE/g, '–')
  return { message: text.slice(0, maxText), code: typeof code === 'string' ? code : null }
}

await run(workerData as LoadOrder) // lmStudioSocketLoad.ts gives nothing else
