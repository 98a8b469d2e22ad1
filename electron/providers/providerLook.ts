import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ProviderStatus } from '../../shared/contract/providers.ts'
import { AppError, messageOf } from '../lib/appError.ts'
import { untilAborted } from '../lib/untilAborted.ts'
import type { ProviderInstance, ProviderModel } from './provider.ts'
import type { Entry } from './providerEntry.ts'
import { sameFacts } from './sameFacts.ts'

export interface ProviderLookDeps {
  /** Unix milliseconds */
  readonly now: () => number
  /** inventory or status of this provider changed */
  readonly onChange: (provider: string, what: 'status' | 'models' | 'instances') => void
  /** how long after so many failures in a row the next look waits; null: no next look is planned */
  readonly retryDelay: (entry: Entry) => number | null
}

/** A provider that hangs longer than this is not answering, whatever its own time-outs say. */
const lookLimitMs = 30_000
const tellEveryMs = 30_000
/** Whatever a server's Retry-After says. */
const longestWaitMs = 15 * 60_000
/** So many models are compared in about two milliseconds. */
const slice = 500

/** Of one that answers, its latency changes with every look, and nobody needs to know that at once. */
const withoutTimes = (status: ProviderStatus): ProviderStatus =>
  status.state === 'reachable' ? { ...status, latencyMs: null, checkedAt: 0 } : status

/** Asks a provider how it is and what it has, and keeps what it says; while it does not answer, what it last said stays. */
export const createProviderLook = ({ now, onChange, retryDelay }: ProviderLookDeps) => {
  const setStatus = (entry: Entry, status: ProviderStatus): void => {
    const changed = !sameFacts(withoutTimes(entry.status), withoutTimes(status))
    entry.status = status
    if (!changed && now() - entry.toldAt < tellEveryMs) return
    entry.toldAt = now()
    onChange(entry.provider.id, 'status')
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

  const failed = (entry: Entry, { code, message, advice, details }: AppError): void => {
    entry.failures++
    const planned = retryDelay(entry)
    const asked = details?.waitMs
    entry.retryInMs = Math.max(planned ?? 0, typeof asked === 'number' ? Math.min(asked, longestWaitMs) : 0)
    const nextAttemptAt = planned === null ? null : now() + entry.retryInMs
    setStatus(entry, { state: 'unreachable', code, reason: message, advice, checkedAt: now(), nextAttemptAt })
  }

  return async (entry: Entry): Promise<void> => {
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
      failed(entry, error instanceof AppError && error.code !== 'CANCELLED' ? error : asUnreachable(error, signal))
      onChange(provider.id, 'models') // they are stale now
    } finally {
      over.abort() // one question failed: nobody waits for the other
    }
  }
}

const asUnreachable = (error: unknown, signal: AbortSignal): AppError =>
  signal.aborted
    ? new AppError('PROVIDER_TIMEOUT', undefined, { cause: error })
    : new AppError('PROVIDER_UNREACHABLE', messageOf(error), { cause: error })
