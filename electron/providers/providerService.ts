import { providerKinds } from '../../shared/providerKinds.ts'
import { AppError } from '../lib/appError.ts'
import { createBreaker } from './guard/breaker.ts'
import { guardProvider } from './guard/guardProvider.ts'
import type { Provider } from './provider.ts'
import { type Entry, type Inventory, infoOf, inventoryOf, newEntry, type ProviderState } from './providerEntry.ts'
import { createProviderLook } from './providerLook.ts'

type Used = { promptTokens: number | null; completionTokens: number | null; costUsd: number | null }

export interface ProviderServiceDeps {
  readonly now: () => number
  /** 0–1, for the jitter of repeated attempts */
  readonly random?: () => number
  /** an outside provider gave an answer to a person, or failed to */
  readonly countAnswer?: (provider: string, used: Used) => void
  readonly countFault?: (provider: string) => void
  /** inventory or status of this provider changed */
  readonly onChange: (provider: string, what: 'status' | 'models' | 'instances') => void
  /** how long between two looks at an outside provider, and the back-off while it does not answer */
  readonly timing?: {
    readonly everyMs: number
    /** at somebody else's server, where each look is a request over the internet */
    readonly elsewhereEveryMs: number
    readonly retryMs: number
    readonly retryMaxMs: number
  }
}

const defaultTiming = { everyMs: 3000, elsewhereEveryMs: 60_000, retryMs: 2000, retryMaxMs: 60_000 }
/**
 * Knows every provider, looks after outside ones in the background and keeps what each last said. checking → reachable ⇄
 * unreachable. One provider that is down or slow costs the others nothing.
 */
export const createProviderService = (deps: ProviderServiceDeps) => {
  const { now, onChange, timing = defaultTiming, random = Math.random } = deps
  const entries = new Map<string, Entry>()

  const guarded = (provider: Provider, entry: () => Entry | undefined): Provider =>
    guardProvider(provider, {
      breaker: createBreaker({ now, random }),
      now,
      random,
      onAnswer: (used) => {
        deps.countAnswer?.(provider.id, used)
        onChange(provider.id, 'status')
      },
      onFault: ({ code, message }, answering) => {
        const known = entry()
        if (known) known.lastFault = { code, message, at: now() }
        if (answering) deps.countFault?.(provider.id)
        onChange(provider.id, 'status')
      },
    })

  const retryDelay = ({ provider, failures }: Entry): number | null =>
    isOutside(provider)
      ? Math.min(timing.retryMaxMs, timing.retryMs * 2 ** Math.min(failures - 1, 10)) * (0.75 + random() / 4)
      : null
  const look = createProviderLook({ now, onChange, retryDelay })

  const pauseAfter = ({ kind, address }: Provider): number => {
    const isElsewhere = (kind !== 'embedded' && providerKinds[kind].remote) || address?.startsWith('https:') === true
    return isElsewhere ? timing.elsewhereEveryMs : timing.everyMs
  }

  /** Looks now; callers while a look is under way share the next one. */
  const refresh = (entry: Entry): Promise<void> => {
    if (entry.refreshing) {
      entry.again = true
      return entry.refreshing
    }
    if (entry.timer) clearTimeout(entry.timer)
    entry.timer = null
    entry.refreshing = (async () => {
      do {
        entry.again = false
        await look(entry)
      } while (entry.again && !entry.closed.signal.aborted)
      entry.refreshing = null
      if (isOutside(entry.provider) && !entry.closed.signal.aborted) {
        const delay = entry.failures > 0 ? entry.retryInMs : pauseAfter(entry.provider)
        entry.timer = setTimeout(() => void refresh(entry), delay)
        entry.timer.unref()
      }
    })()
    return entry.refreshing
  }

  const entryOf = (id: string): Entry => {
    const entry = entries.get(id)
    if (!entry) throw new AppError('PROVIDER_NOT_FOUND', `There is no provider ${id}.`)
    return entry
  }

  const remove = async (id: string): Promise<void> => {
    const entry = entries.get(id)
    if (!entry) return
    entries.delete(id)
    entry.closed.abort()
    entry.stopListening()
    if (entry.timer) clearTimeout(entry.timer)
    try {
      await entry.refreshing
      await entry.provider.close?.()
    } finally {
      onChange(id, 'models')
      onChange(id, 'instances')
      onChange(id, 'status')
    }
  }

  return {
    /** Resolves after the first look. */
    add: (provider: Provider): Promise<void> => {
      const entry = newEntry(isOutside(provider) ? guarded(provider, () => entries.get(provider.id)) : provider)
      entries.set(provider.id, entry)
      entry.stopListening = provider.onChange?.(() => void refresh(entry)) ?? (() => {})
      return refresh(entry)
    },
    remove,
    /** Aborted when it is removed, switched off, or made anew with other settings. */
    goneSignal: (id: string): AbortSignal => entryOf(id).closed.signal,
    list: (): ProviderState[] => [...entries.values()].map(infoOf),
    inventories: (): Inventory[] => [...entries.values()].map(inventoryOf),
    inventory: (id: string): Inventory | null => {
      const entry = entries.get(id)
      return entry ? inventoryOf(entry) : null
    },
    /** Looks at one provider now and resolves with what it said. */
    check: async (id: string): Promise<ProviderState> => {
      const entry = entryOf(id)
      await refresh(entry)
      return infoOf(entry)
    },
    close: async (): Promise<void> => {
      await Promise.all([...entries.keys()].map(remove))
    },
  }
}

export type ProviderService = ReturnType<typeof createProviderService>

/** Providers that do not announce their own changes are looked at again and again. */
const isOutside = (provider: Provider): boolean => provider.address !== null
