import { setTimeout as delay } from 'node:timers/promises'
import type { LlamaServerClient } from './llamaServerClient.ts'
import { type ModelEntry, RouterEvent } from './llamaServerSchemas.ts'

const pollMs = { first: 100, most: 2_000 }

export interface WatchOptions<T> {
  readonly client: LlamaServerClient
  /** its events alone are told */
  readonly about: (model: string) => boolean
  readonly onEvent: (event: RouterEvent) => void
  /** what it waits for; undefined: not yet. What it throws ends the watch. */
  readonly look: (models: readonly ModelEntry[]) => T | undefined
}

/**
 * Asks a router for its list until `look` has an answer: at once when its stream of events tells of a change, else ever more
 * seldom. The stream has no snapshot, may be silent, and older builds have none, so the list alone decides.
 */
export const watchRouter = async <T>(
  { client, about, onEvent, look }: WatchOptions<T>,
  signal: AbortSignal,
): Promise<T> => {
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  let ring = () => {}
  const following = (async () => {
    const limits = { headersMs: 0, idleMs: 0 } // it is silent while nothing changes
    for await (const { data } of client.http.events({ path: '/models/sse', limits }, either)) {
      const event = client.http.parseData(data, RouterEvent)
      if (event.model === null || !about(event.model)) continue
      onEvent(event)
      ring()
    }
  })().catch(() => {}) // without events it is slower to notice, and nothing else
  try {
    for (let wait = pollMs.first; ; wait = Math.min(wait * 1.5, pollMs.most)) {
      const found = look(await client.list(either))
      if (found !== undefined) return found
      await rest(wait, either, (wake) => {
        ring = wake
      })
    }
  } finally {
    ended.abort()
    await following
  }
}

/** Waits, until woken or until `signal` aborts: the next question then tells of that. */
const rest = async (ms: number, signal: AbortSignal, onWake: (wake: () => void) => void): Promise<void> => {
  const woken = new AbortController()
  onWake(() => woken.abort())
  await delay(ms, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {})
}
