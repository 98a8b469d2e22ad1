import { setTimeout as delay } from 'node:timers/promises'

export interface RunWatchDeps<T> {
  /** as it is now */
  readonly read: (id: string) => T
  readonly isOver: (value: T) => boolean
  /** a person cannot read faster; milliseconds */
  readonly everyMs: number
}

/** One thing as it is, then each time it changed, its end last; what changes quickly is told a few times a second. */
export const createRunWatch = <T>({ read, isOver, everyMs }: RunWatchDeps<T>) => {
  /** by id, what wakes each that watches it */
  const watching = new Map<string, Set<() => void>>()

  const begin = (id: string, wake: () => void): (() => void) => {
    const all = watching.get(id) ?? new Set()
    watching.set(id, all.add(wake))
    return () => {
      all.delete(wake)
      if (all.size === 0 && watching.get(id) === all) watching.delete(id)
    }
  }

  return {
    /** It is another than before. */
    changed: (id: string): void => {
      for (const wake of watching.get(id) ?? []) wake()
    },

    /** Of one that is known to be there. */
    follow: async function* (id: string, signal: AbortSignal): AsyncGenerator<T, void, void> {
      let next = Promise.withResolvers<void>()
      const wake = (): void => next.resolve()
      const leave = begin(id, wake)
      signal.addEventListener('abort', wake)
      try {
        while (!signal.aborted) {
          const value = read(id)
          yield value
          if (isOver(value)) return
          if (!signal.aborted) await next.promise
          await delay(everyMs, undefined, { signal }).catch(() => {}) // who leaves does not wait
          next = Promise.withResolvers()
        }
      } finally {
        signal.removeEventListener('abort', wake)
        leave()
      }
    },

    /** Things that somebody watches now. */
    watchers: (): number => watching.size,
  }
}
