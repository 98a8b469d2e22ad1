import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { Model } from '../../shared/contract/models.ts'
import type { ProviderModel } from '../providers/provider.ts'
import type { Inventory } from '../providers/providerEntry.ts'

/** What of a model can change while its provider's own words stay the same. */
export type ModelSituation = Pick<Model, 'state' | 'reason' | 'stale' | 'sameAs' | 'tokensPerSecond'>

export interface Found {
  readonly id: ModelId
  readonly inventory: Inventory
  readonly model: ProviderModel
}

export interface ModelNewsDeps {
  readonly inventory: (provider: string) => Inventory | null
  readonly idOf: (provider: string, key: string) => ModelId
  readonly situationOf: (found: Found) => ModelSituation
  readonly modelOf: (found: Found) => Model
  readonly publish: (changed: Model[], removed: ModelId[]) => void
}

interface Told {
  readonly provider: string
  readonly key: string
  readonly source: ProviderModel
  readonly situation: ModelSituation
}

/** So many models are made in about two milliseconds. */
const slice = 250

/** Tells the windows what changed in the models of providers, and only that; many of them in slices, so that others get their turn. */
export const createModelNews = ({ inventory, idOf, situationOf, modelOf, publish }: ModelNewsDeps) => {
  const told = new Map<ModelId, Told>()
  const outages = new Map<string, string | null>()

  /** Of a provider as it is now: it may have gone, or have other models. */
  const tell = (provider: string, keys: readonly string[]): void => {
    const current = inventory(provider)
    if (!current) return
    const changed: Model[] = []
    for (const key of keys) {
      const source = current.models.get(key)
      if (!source) continue
      const id = idOf(provider, key)
      const found = { id, inventory: current, model: source }
      const situation = situationOf(found)
      const last = told.get(id)
      if (last?.source === source && sameSituation(last.situation, situation)) continue
      told.set(id, { provider, key, source, situation })
      changed.push(modelOf(found))
    }
    if (changed.length > 0) publish(changed, [])
  }

  const tellSlices = async (provider: string, keys: readonly string[]): Promise<void> => {
    for (let from = 0; from < keys.length; from += slice) {
      await nextTurn()
      tell(provider, keys.slice(from, from + slice))
    }
  }

  return {
    /** The first slice at once, the others in their turns. */
    changed: (provider: string, keys: Iterable<string>): void => {
      const all = [...keys]
      tell(provider, all.slice(0, slice))
      if (all.length > slice) void tellSlices(provider, all.slice(slice))
    },
    /** Those that it does not have any more; resolves with their ids. */
    removed: (provider: string): ModelId[] => {
      const models = inventory(provider)?.models
      const gone: ModelId[] = []
      for (const [id, last] of told) if (last.provider === provider && !models?.has(last.key)) gone.push(id)
      for (const id of gone) told.delete(id)
      if (gone.length > 0) publish([], gone)
      return gone
    },
    /** Did it go down, come back, or give another reason since this was asked last? */
    outageChanged: (provider: string): boolean => {
      const current = inventory(provider)
      const outage = current?.status.state === 'unreachable' ? current.status.reason : null
      const before = outages.get(provider) ?? null
      if (current) outages.set(provider, outage)
      else outages.delete(provider)
      return outage !== before
    },
  }
}

const sameSituation = (a: ModelSituation, b: ModelSituation): boolean =>
  a.state === b.state &&
  a.reason === b.reason &&
  a.stale === b.stale &&
  a.sameAs === b.sameAs &&
  a.tokensPerSecond === b.tokensPerSecond
