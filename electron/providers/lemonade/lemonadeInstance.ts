import type { LoadOptions } from '../../../shared/contract/models.ts'
import { unknownInstance } from '../parts/unknown.ts'
import type { ProviderInstance } from '../provider.ts'
import type { LoadedModel } from './lemonadeSchemas.ts'

/** What we know of an instance beside what Lemonade tells. */
export interface KnownLoad {
  readonly state: ProviderInstance['state']
  readonly reason: string | null
  readonly options: LoadOptions
  /** Unix milliseconds */
  readonly loadedAt: number | null
}

/** `entry` is null while Lemonade does not list it: it shows no load under way. `ours`: its processes run on this machine. */
export const toInstance = (
  key: string,
  entry: LoadedModel | null,
  known: KnownLoad,
  ours: boolean,
): ProviderInstance => ({
  ...unknownInstance,
  ...known,
  key,
  contextLength: contextOf(entry),
  pid: ours ? (entry?.pid ?? null) : null,
  // the end of an idle time is not told: `last_use` counts from the start of the machine
  expiresAt: entry?.pinned ? 'never' : null,
  activeRequests: entry?.is_busy == null ? null : entry.is_busy ? 1 : 0, // each has one slot, the others wait
})

const contextOf = (entry: LoadedModel | null): number | null => {
  const size = entry?.recipe_options?.ctx_size ?? null
  return size !== null && size > 0 ? size : null
}

/** What somebody else loaded it with, as far as it is told. */
export const optionsOf = (entry: LoadedModel): LoadOptions => {
  const { auto_evict: evicts, evict_idle_timeout: seconds } = entry.recipe_options ?? {}
  const contextLength = contextOf(entry)
  return {
    ...(contextLength !== null && Number.isInteger(contextLength) && { contextLength }),
    ...(entry.pinned
      ? { keepAlive: 'forever' as const }
      : evicts && seconds != null && Number.isInteger(seconds) && seconds > 0 && { keepAlive: seconds }),
  }
}
