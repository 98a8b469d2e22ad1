import { setImmediate, setTimeout } from 'node:timers/promises'

/** full: as fast as it goes. gentle: a quarter of the time, for while somebody works. paused: nothing is read. */
export type Pace = 'full' | 'gentle' | 'paused'

/** What may change while a file is hashed. Plain data: it travels between threads. */
export interface HashControl {
  readonly pace: Pace
  /**
   * Read the next piece on another core while this one is hashed: a quarter faster, and it keeps a disk busy. Where no
   * core is idle the copying between cores costs more than it gains, and each piece is read in its turn.
   */
  readonly readAhead: boolean
}

/** of each stretch of work: what makes work a quarter of the time */
const restRatio = 3
const longestTimerMs = 2 ** 31 - 1

/** Says when work may go on; what it says changes at once, also for those who rest already. */
export const createPacer = (first: HashControl) => {
  let control = first
  let woken = new AbortController()

  return {
    get control(): HashControl {
      return control
    },

    set(next: HashControl): void {
      control = next
      woken.abort()
      woken = new AbortController()
    },

    /** After each stretch of work; lets messages in at every pace. @throws the signal's reason */
    async rest(workedMs: number, signal: AbortSignal): Promise<void> {
      const until = performance.now() + workedMs * restRatio
      await setImmediate()
      for (;;) {
        signal.throwIfAborted()
        const left =
          control.pace === 'paused' ? longestTimerMs : control.pace === 'gentle' ? until - performance.now() : 0
        if (left <= 0) return
        const either = AbortSignal.any([signal, woken.signal])
        await setTimeout(left, null, { signal: either }).catch(() => {}) // woken: what to do is decided anew
      }
    },
  }
}

export type Pacer = ReturnType<typeof createPacer>
