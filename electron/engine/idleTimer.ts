import type { LoadOptions } from '../../shared/contract/models.ts'

/** Longest wait that setTimeout keeps; it fires at once for more. */
const MAX_WAIT_MS = 2_147_483_647

/** Calls once when nothing has restarted it for the given seconds. */
export function createIdleTimer(now: () => number, onIdle: () => void) {
  let timer: NodeJS.Timeout | null = null
  let due: number | null = null

  const wait = (): void => {
    const leftMs = (due ?? 0) - now()
    if (leftMs <= 0) {
      stop()
      onIdle()
    } else timer = setTimeout(wait, Math.min(leftMs, MAX_WAIT_MS)).unref()
  }
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    due = null
  }
  return {
    stop,
    restart(keepAlive: LoadOptions['keepAlive']): void {
      stop()
      if (typeof keepAlive !== 'number') return
      due = now() + keepAlive * 1000
      wait()
    },
    /** Unix milliseconds; null when it does not run. */
    firesAt: (): number | null => due,
  }
}
