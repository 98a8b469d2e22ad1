import type { Slot } from './llamaServerSchemas.ts'

/** How long a reading stands for the truth. */
const freshMs = 15_000
const firstWaitMs = 4_000

interface Reading {
  readonly slots: readonly Slot[]
  readonly at: number
  readonly waitMs: number
}

/**
 * Reading the slots counts as use: a server that frees its memory after some idle time (`--sleep-idle-seconds`, which it does
 * not tell) never would, were they read again and again. So while nothing happens the pause before the next reading
 * doubles, and such a server sleeps after two or three times its idle time. `now`: Unix milliseconds.
 */
export const createSlotWatch = (now: () => number) => {
  const readings = new Map<string, Reading>()

  return {
    /** The slots as they are, or as they were a short time ago; null when that is too long ago, or they cannot be read. */
    read: async (key: string, ask: () => Promise<readonly Slot[]>): Promise<readonly Slot[] | null> => {
      const last = readings.get(key)
      const age = last ? now() - last.at : 0
      if (last && age < last.waitMs) return age < freshMs ? last.slots : null
      const slots = await ask()
      const idle = last !== undefined && traceOf(slots) === traceOf(last.slots) && !slots.some((s) => s.is_processing)
      readings.set(key, { slots, at: now(), waitMs: idle ? Math.max(firstWaitMs, last.waitMs * 2) : 0 })
      return slots
    },
    /** Berth used it: the next reading is worth its price. */
    used: (key: string): void => void readings.delete(key),
    retain: (keys: ReadonlySet<string>): void => {
      for (const key of readings.keys()) if (!keys.has(key)) readings.delete(key)
    },
  }
}

/** Changes with each request. */
const traceOf = (slots: readonly Slot[]): string =>
  JSON.stringify(slots.map(({ id_task, n_prompt_tokens }) => [id_task, n_prompt_tokens]))
