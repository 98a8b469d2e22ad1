import type { LoadOptions, ModelState } from '../../../shared/contract/models.ts'
import { unknownInstance } from '../parts/unknown.ts'
import type { ProviderInstance } from '../provider.ts'
import type { LoadedInstance, SocketInstance } from './lmStudioSchemas.ts'

/** What we know of an instance because we loaded it, or are about to. */
export interface Known {
  readonly state: ModelState
  readonly options: LoadOptions
  readonly progress: number | null
  readonly loadedAt: number | null
}

/** Before it, a time is none of Unix milliseconds but of something else. */
const year2020 = Date.UTC(2020)

/**
 * @param listed null while it is on its way in
 * @param told what the socket says of it, when it says anything
 */
export const toInstance = (
  key: string,
  listed: LoadedInstance | null,
  known: Known,
  told: SocketInstance | null,
): ProviderInstance => ({
  ...unknownInstance,
  key,
  instance: listed?.id ?? null,
  state: known.state,
  progress: known.progress,
  options: known.options,
  contextLength: listed?.config?.context_length ?? null,
  loadedAt: known.loadedAt,
  expiresAt: listed === null ? null : expiryOf(known, told),
})

/** Idle time counts from the last use, or from the load where it was not used yet. */
const expiryOf = ({ loadedAt }: Known, told: SocketInstance | null): ProviderInstance['expiresAt'] => {
  if (told?.ttlMs === undefined) return null
  if (told.ttlMs === null) return 'never'
  const lastUse = Math.max(told.lastUsedTime ?? 0, loadedAt ?? 0)
  return lastUse < year2020 ? null : lastUse + told.ttlMs
}
