import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { isMissingRoute, sleepOff } from './vllmFault.ts'
import type { VllmFigures } from './vllmMetrics.ts'

const Sleeping = z.object({ is_sleeping: z.boolean() })

export interface VllmSleepDeps {
  readonly http: HttpClient
  /** null: this server has no metrics */
  readonly figures: (signal: AbortSignal) => Promise<VllmFigures | null>
  /** of waking up and going to sleep, which carry all weights */
  readonly changeMs: number
  /** how long requests under way may hold up the sleep */
  readonly idleMs: number
}

const pollMs = { first: 50, most: 1_000 }
const undoMs = 10_000

/** Level 1 keeps the weights in the memory of the machine, level 2 throws them away. */
type Level = 1 | 2

export const createVllmSleep = ({ http, figures, changeMs, idleMs }: VllmSleepDeps) => {
  /** we sent it to sleep ourselves, with its weights kept */
  let keptByUs = false

  /** Null: there is no sleep mode. */
  const isSleeping = async (signal: AbortSignal): Promise<boolean | null> => {
    try {
      return (await http.json({ path: '/is_sleeping' }, Sleeping, signal)).is_sleeping
    } catch (error) {
      if (isMissingRoute(error)) return null
      throw error
    }
  }

  const post = async (path: string, signal: AbortSignal, body?: object): Promise<void> => {
    try {
      await http.whole({ path, method: 'POST', ...(body && { body }), limits: { answerMs: changeMs } }, signal)
    } catch (error) {
      if (isMissingRoute(error)) throw new AppError('VERB_NOT_SUPPORTED', sleepOff, { cause: error })
      throw error
    }
  }
  const goToSleep = (level: Level, signal: AbortSignal) => post(`/sleep?level=${level}&mode=wait`, signal)

  /** A server that goes to sleep under a request may crash, and older ones do not know `mode=wait`. */
  const untilIdle = async (signal: AbortSignal): Promise<void> => {
    const giveUpAt = performance.now() + idleMs
    for (let wait = pollMs.first; ; wait *= 1.5) {
      const now = await figures(signal)
      const busy = (now?.running ?? 0) + (now?.waiting ?? 0)
      if (busy === 0) return
      if (performance.now() > giveUpAt)
        throw new AppError('BUSY', `vLLM is still answering: ${busy} requests are under way.`, {
          advice: 'Wait for them to end, then unload it.',
        })
      await delay(Math.min(wait, pollMs.most), undefined, { signal }).catch((cause: unknown) => {
        throw new AppError('CANCELLED', 'Waiting for the requests of vLLM was cancelled.', { cause })
      })
    }
  }

  /** Nobody told how deep it sleeps: what we did not put there ourselves may have no weights any more. */
  const levelOf = async (signal: AbortSignal): Promise<Level> => {
    const state = (await figures(signal))?.sleepState
    if (state === 'discard_all') return 2
    return state === 'weights_offloaded' || keptByUs ? 1 : 2
  }

  /** Plain waking after level 2 answers, with garbage for weights. */
  const wakeFrom = async (level: Level, signal: AbortSignal): Promise<void> => {
    if (level === 1) return post('/wake_up', signal)
    await post('/wake_up?tags=weights', signal)
    await post('/collective_rpc', signal, { method: 'reload_weights' })
    await post('/wake_up?tags=kv_cache', signal)
  }

  return {
    isSleeping,

    /** Resolves when the GPU's memory is given back. */
    sleep: async (signal: AbortSignal): Promise<void> => {
      const sleeping = await isSleeping(signal)
      if (sleeping === null) throw new AppError('VERB_NOT_SUPPORTED', sleepOff)
      if (sleeping) return
      await untilIdle(signal)
      await goToSleep(1, signal)
      keptByUs = true
    },

    /** Resolves when it answers again. What fails or is cancelled on its way leaves it asleep, as it was. */
    wake: async (signal: AbortSignal): Promise<void> => {
      const sleeping = await isSleeping(signal)
      if (sleeping === null || !sleeping) return
      const level = await levelOf(signal)
      try {
        await wakeFrom(level, signal)
      } catch (error) {
        await goToSleep(level, AbortSignal.timeout(undoMs)).catch(() => {}) // what stopped the waking is told
        throw error
      }
      keptByUs = false
    },
  }
}
