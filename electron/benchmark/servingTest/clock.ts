import { setTimeout as delay } from 'node:timers/promises'

/**
 * Milliseconds of the machine's monotonic clock. Unlike `performance.now()` it is the same in all threads and processes of the
 * machine, so that a delay between two of them can be told.
 */
export const clock = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}

/** Timers come up to so much late. */
const timerMs = 1.5

/** Resolves at this time of `clock`, much closer than a timer comes; the event loop goes on meanwhile. False: it was aborted. */
export const waitUntil = async (time: number, signal: AbortSignal): Promise<boolean> => {
  const early = time - clock() - timerMs
  if (early > 0) await delay(early, undefined, { signal }).catch(() => {}) // an abort is told below
  while (!signal.aborted && clock() < time) await new Promise((resolve) => setImmediate(resolve))
  return !signal.aborted
}
