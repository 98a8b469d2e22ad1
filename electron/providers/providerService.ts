import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Provider as ProviderInfo, ProviderStatus } from '../../shared/contract/providers.ts'
import { providerKinds } from '../../shared/providerKinds.ts'
import { AppError, messageOf } from '../lib/appError.ts'
import { untilAborted } from '../lib/untilAborted.ts'
import { createBreaker } from './guard/breaker.ts'
import { guardProvider } from './guard/guardProvider.ts'
import type { Provider, ProviderInstance, ProviderModel } from './provider.ts'
import { sameFacts } from './sameFacts.ts'

/** What one provider last said. `models` and `instances` keep their value while it does not answer. */
export interface Inventory {
  readonly provider: Provider
  readonly status: ProviderStatus
  readonly models: ReadonlyMap<string, ProviderModel>
  readonly instances: readonly ProviderInstance[]
  /** it does not answer now; this is what it last said */
  readonly stale: boolean
}

/** What is known of a provider that is looked after; how it was configured is known elsewhere. */
export type ProviderState = Omit<ProviderInfo, 'key' | 'hidePaid' | 'usage'>

export type Used = { promptTokens: number | null; completionTokens: number | null; costUsd: number | null }

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

interface Entry {
  provider: Provider
  status: ProviderStatus
  models: ReadonlyMap<string, ProviderModel>
  instances: readonly ProviderInstance[]
  failures: number
  retryInMs: number
  /** when its status was announced last */
  toldAt: number
  lastFault: ProviderInfo['lastFault']
  timer: NodeJS.Timeout | null
  /** the look under way */
  refreshing: Promise<void> | null
  /** something changed while looking: look once more */
  again: boolean
  readonly closed: AbortController
  stopListening: () => void
}

const defaultTiming = { everyMs: 3000, elsewhereEveryMs: 60_000, retryMs: 2000, retryMaxMs: 60_000 }
/** A provider that hangs longer than this is not answering, whatever its own time-outs say. */
const lookLimitMs = 30_000
const tellEveryMs = 30_000
/** Whatever a server's Retry-After says. */
const longestWaitMs = 15 * 60_000
/** So many models are compared in about two milliseconds. */
const slice = 500

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

  const setStatus = (entry: Entry, status: ProviderStatus): void => {
    const changed =
      entry.status.state !== status.state || (status.state === 'unreachable' && !sameFacts(entry.status, status))
    entry.status = status
    // its latency changes with every look, and nobody needs to know that at once
    if (!changed && now() - entry.toldAt < tellEveryMs) return
    entry.toldAt = now()
    onChange(entry.provider.id, 'status')
  }

  const look = async (entry: Entry): Promise<void> => {
    const { provider } = entry
    const over = new AbortController()
    const signal = AbortSignal.any([entry.closed.signal, AbortSignal.timeout(lookLimitMs), over.signal])
    try {
      const reachable = await untilAborted(provider.status(signal), signal)
      const asked = Promise.all([provider.models(signal), provider.instances(signal)])
      const [models, instances] = await untilAborted(asked, signal)
      const next = await compared(entry, models)
      if (entry.closed.signal.aborted) return
      entry.failures = 0
      setStatus(entry, { state: 'reachable', ...reachable, checkedAt: now() })
      if (next !== null) {
        entry.models = next
        onChange(provider.id, 'models')
      }
      takeInstances(entry, instances)
    } catch (error) {
      if (entry.closed.signal.aborted) return
      entry.failures++
      const known = error instanceof AppError && error.code !== 'CANCELLED' ? error : asUnreachable(error, signal)
      const asked = known.details?.waitMs
      entry.retryInMs = Math.max(retryDelay(entry), typeof asked === 'number' ? Math.min(asked, longestWaitMs) : 0)
      const nextAttemptAt = isOutside(provider) ? now() + entry.retryInMs : null
      setStatus(entry, {
        state: 'unreachable',
        code: known.code,
        reason: known.message,
        advice: known.advice,
        checkedAt: now(),
        nextAttemptAt,
      })
      onChange(provider.id, 'models') // they are stale now
    } finally {
      over.abort() // one question failed: nobody waits for the other
    }
  }

  /** Null when nothing changed. A model that did not keeps its object, so that others can compare by reference. */
  const compared = async (entry: Entry, list: readonly ProviderModel[]) => {
    const next = new Map<string, ProviderModel>()
    let changed = false
    for (const [at, model] of list.entries()) {
      if (at % slice === slice - 1) await nextTurn()
      const known = entry.models.get(model.key)
      const same = known !== undefined && sameFacts(known, model)
      changed ||= !same
      next.set(model.key, same ? known : model)
    }
    return changed || next.size !== entry.models.size ? next : null
  }

  const takeInstances = (entry: Entry, list: readonly ProviderInstance[]): void => {
    if (sameFacts(entry.instances, list)) return
    entry.instances = list
    onChange(entry.provider.id, 'instances')
  }

  const retryDelay = (entry: Entry) =>
    Math.min(timing.retryMaxMs, timing.retryMs * 2 ** Math.min(entry.failures - 1, 10)) * (0.75 + random() / 4)

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

  const inventoryOf = (entry: Entry): Inventory => ({
    provider: entry.provider,
    status: entry.status,
    models: entry.models,
    instances: entry.instances,
    stale: entry.status.state === 'unreachable',
  })

  const infoOf = ({ provider, status, models, instances, lastFault }: Entry): ProviderState => ({
    provider: provider.id,
    kind: provider.kind,
    name: provider.name,
    address: provider.address,
    status,
    lastFault,
    models: models.size,
    instances: instances.length,
    cannot: provider.cannot,
    ignoredOptions: { ...provider.ignoredOptions },
  })

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
      const entry: Entry = {
        provider: isOutside(provider) ? guarded(provider, () => entries.get(provider.id)) : provider,
        status: { state: 'checking' },
        models: new Map(),
        instances: [],
        failures: 0,
        retryInMs: 0,
        toldAt: 0,
        lastFault: null,
        timer: null,
        refreshing: null,
        again: false,
        closed: new AbortController(),
        stopListening: () => {},
      }
      entries.set(provider.id, entry)
      entry.stopListening = provider.onChange?.(() => void refresh(entry)) ?? (() => {})
      return refresh(entry)
    },
    remove,
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

const asUnreachable = (error: unknown, signal: AbortSignal): AppError =>
  signal.aborted
    ? new AppError('PROVIDER_TIMEOUT', undefined, { cause: error })
    : new AppError('PROVIDER_UNREACHABLE', messageOf(error), { cause: error })
