import type { Provider as ProviderInfo } from '../../../shared/contract/providers.ts'
import { providerKinds } from '../../../shared/providerKinds.ts'
import type { ProviderRepository, StoredProvider } from '../../catalog/providerRepository.ts'
import { AppError } from '../../lib/appError.ts'
import type { ProviderState } from '../providerEntry.ts'
import type { ProviderService } from '../providerService.ts'
import type { ConnectionKeys } from './connectionKeys.ts'

export interface ConnectionListDeps {
  readonly stored: ReadonlyMap<string, StoredProvider>
  readonly providers: ProviderService
  readonly repository: Pick<ProviderRepository, 'usage'>
  readonly keys: ConnectionKeys
  /** Unix milliseconds */
  readonly now: () => number
}

/** Every provider for people: how it is, how it was configured, and what was used of it. */
export const createConnectionList = ({ stored, providers, repository, keys, now }: ConnectionListDeps) => {
  const complete = (state: ProviderState): ProviderInfo => {
    const config = stored.get(state.provider)
    return {
      ...state,
      name: config?.name ?? state.name,
      key: config ? keys.stateOf(config) : { state: 'none' },
      hidePaid: config && providerKinds[config.kind].remote ? config.hidePaid : null,
      usage: repository.usage(state.provider, dayOf(now())),
    }
  }

  const infoOf = (id: string): ProviderInfo => {
    const state = providers.list().find(({ provider }) => provider === id)
    const config = stored.get(id)
    if (state) return complete(state)
    if (config) return complete(off(config))
    throw new AppError('PROVIDER_NOT_FOUND', `There is no provider ${id}.`)
  }

  const list = (): ProviderInfo[] => {
    const states = new Map(providers.list().map((state) => [state.provider, state]))
    const configured = [...stored.values()].map((config) => states.get(config.id) ?? off(config))
    const others = [...states.values()].filter(({ provider }) => !stored.has(provider))
    return [...others, ...configured].map(complete)
  }

  return { infoOf, list }
}

const off = ({ id, kind, name, address }: StoredProvider): ProviderState => ({
  provider: id,
  kind,
  name,
  address,
  status: { state: 'off' },
  lastFault: null,
  models: 0,
  instances: 0,
  cannot: {},
  ignoredOptions: {},
})

/** UTC: `2026-01-31`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
