import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds of work before others have their turn. */
const turnMs = 5

/** For long work on the main thread: `await pause()` between its steps lets others run when it has worked for a while. */
export const createPause = () => {
  let since = performance.now()
  return async (): Promise<void> => {
    if (performance.now() - since < turnMs) return
    await nextTurn()
    since = performance.now()
  }
}
export type Pause = ReturnType<typeof createPause>
