import type { Provider as ProviderInfo, ProviderStatus } from '../../shared/contract/providers.ts'
import type { Provider, ProviderInstance, ProviderModel } from './provider.ts'

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

/** One provider and all that is known of it; its watch changes it. */
export interface Entry {
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

export const newEntry = (provider: Provider): Entry => ({
  provider,
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
})

export const inventoryOf = (entry: Entry): Inventory => ({
  provider: entry.provider,
  status: entry.status,
  models: entry.models,
  instances: entry.instances,
  stale: entry.status.state === 'unreachable',
})

export const infoOf = ({ provider, status, models, instances, lastFault }: Entry): ProviderState => ({
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
