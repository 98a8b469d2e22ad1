import type { ModelState } from '../../../shared/contract/models.ts'
import { unknownInstance } from '../parts/unknown.ts'
import type { ProviderInstance } from '../provider.ts'
import { fractionOf, type ModelEntry, type Slot } from './llamaServerSchemas.ts'

export const toInstance = (
  key: string,
  state: ModelState,
  more: {
    readonly reason?: string | null
    readonly progress?: number | null
    /** of one slot, which is what one conversation may use */
    readonly contextLength?: number | null
    readonly slots?: readonly Slot[] | null
  } = {},
): ProviderInstance => ({
  ...unknownInstance,
  key,
  state,
  reason: more.reason ?? null,
  progress: more.progress ?? null,
  contextLength: more.contextLength ?? null,
  activeRequests: more.slots ? more.slots.filter((slot) => slot.is_processing).length : null,
  kvCacheUse: more.slots ? fullestOf(more.slots) : null,
})

/**
 * How full the fullest slot is. The slots may share one cache or have a part of it each, which no call tells; this is what
 * ends a conversation in both.
 */
const fullestOf = (slots: readonly Slot[]): number | null => {
  const uses = slots.flatMap(({ n_ctx, n_prompt_tokens }) =>
    n_ctx ? [Math.min(1, (n_prompt_tokens ?? 0) / n_ctx)] : [],
  )
  return uses.length === 0 ? null : Math.max(...uses)
}

/** Of a router. `endedByUs`: that it ended in a hurry was asked for, and is no failure. Null: nothing of it is in memory. */
export const toRoutedInstance = (
  entry: ModelEntry,
  slots: readonly Slot[] | null,
  endedByUs: boolean,
): ProviderInstance | null => {
  const { status, id, meta } = entry
  switch (status?.value) {
    case 'loaded':
      return toInstance(id, 'loaded', { contextLength: meta?.n_ctx ?? null, slots })
    case 'loading':
      return toInstance(id, 'loading', { progress: fractionOf(status.progress) })
    case 'unloaded':
      return status.failed && !endedByUs ? toInstance(id, 'failed', { reason: reasonOf(status.exit_code) }) : null
    default:
      return null
  }
}

export const reasonOf = (exitCode: number | null): string =>
  `Its process ended${exitCode === null ? '' : ` with code ${exitCode}`}. The reason stands in the log of llama-server.`
