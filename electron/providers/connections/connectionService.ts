import {
  type FoundProvider,
  type KeyState,
  type ProviderHealth,
  ProviderId,
  type Provider as ProviderInfo,
  type ProviderTest,
} from '../../../shared/contract/providers.ts'
import { providerKinds } from '../../../shared/providerKinds.ts'
import type { ProviderRepository, StoredProvider } from '../../catalog/providerRepository.ts'
import { AppError } from '../../lib/appError.ts'
import type { ConnectedKind } from '../kinds.ts'
import type { Provider, ProviderConfig } from '../provider.ts'
import { addressKey, originOf, parseAddress } from '../providerAddress.ts'
import type { ProviderService, ProviderState } from '../providerService.ts'

/** Keys of providers, as electron/secrets keeps them. */
interface Keys {
  set(id: string, origin: string, key: string): Promise<void>
  get(id: string, origin: string): string | null
  keyState(id: string): KeyState
  forget(id: string): Promise<void>
}

export interface ConnectionServiceDeps {
  readonly repository: ProviderRepository
  readonly providers: ProviderService
  readonly keys: Keys
  readonly env: Readonly<Record<string, string | undefined>>
  readonly make: (kind: ConnectedKind, config: ProviderConfig) => Promise<Provider>
  /** everything on this machine and the allowed addresses that could be connected */
  readonly discover: (signal: AbortSignal) => Promise<readonly FoundProvider[]>
  readonly tryOut: (
    kind: ConnectedKind,
    address: string,
    key: string | null,
    signal: AbortSignal,
  ) => Promise<ProviderTest>
  readonly now: () => number
  readonly onChange: () => void
}

export interface NewConnection {
  readonly kind: ConnectedKind
  readonly name?: string | undefined
  readonly address?: string | undefined
  readonly key?: string | undefined
  readonly keyVariable?: string | undefined
  readonly hidePaid?: boolean | undefined
}

export interface ConnectionChange {
  readonly provider: string
  readonly name?: string | undefined
  readonly address?: string | undefined
  readonly key?: string | null | undefined
  readonly enabled?: boolean | undefined
  readonly hidePaid?: boolean | undefined
}

/** The providers a person connected: added, changed, tried out and forgotten; the embedded one is always there. */
export const createConnectionService = (deps: ConnectionServiceDeps) => {
  const { repository, providers, keys, env, now, onChange } = deps
  const stored = new Map(repository.all().map((each) => [each.id, each]))
  /** one change of connections after the other */
  let changing: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = changing.then(change, change)
    changing = result.catch(() => {}) // its own caller hears of it
    return result
  }

  const keyOf = ({ id, address, keyVariable, keyOrigin }: StoredProvider): string | null => {
    const origin = originOf(address)
    if (keyVariable !== null) return keyOrigin === origin ? env[keyVariable]?.trim() || null : null
    return keys.get(id, origin)
  }

  const keyStateOf = ({ id, keyVariable }: StoredProvider): KeyState => {
    if (keyVariable === null) return keys.keyState(id)
    if (env[keyVariable]?.trim()) return { state: 'environment', variable: keyVariable }
    return { state: 'lost', reason: `The environment variable ${keyVariable} is not set any more.` }
  }

  /** Resolves when it is connected, with the first look at it, which a silent server draws out. */
  const connect = async (id: string): Promise<{ firstLook: Promise<void> }> => {
    const config = stored.get(id)
    if (!config?.enabled) return { firstLook: Promise.resolve() }
    const provider = await deps.make(config.kind, {
      id,
      name: config.name,
      address: config.address,
      apiKey: () => keyOf(stored.get(id) ?? config),
      hidePaid: config.hidePaid,
      now,
    })
    return { firstLook: providers.add(provider) }
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

  const complete = (state: ProviderState): ProviderInfo => {
    const config = stored.get(state.provider)
    return {
      ...state,
      name: config?.name ?? state.name,
      key: config ? keyStateOf(config) : { state: 'none' },
      hidePaid: config && providerKinds[config.kind].remote ? config.hidePaid : null,
      usage: repository.usage(state.provider, dayOf(now())),
    }
  }

  const infoOf = (id: string): ProviderInfo => {
    const state = providers.list().find(({ provider }) => provider === id)
    const config = stored.get(id)
    if (!state && !config) throw new AppError('PROVIDER_NOT_FOUND', `There is no provider ${id}.`)
    return complete(state ?? off(config as StoredProvider)) // one of the two is there
  }

  const list = (): ProviderInfo[] => {
    const states = new Map(providers.list().map((state) => [state.provider, state]))
    const configured = [...stored.values()].map((config) => states.get(config.id) ?? off(config))
    const others = [...states.values()].filter(({ provider }) => !stored.has(provider))
    return [...others, ...configured].map(complete)
  }

  const configOf = (id: string): StoredProvider => {
    const config = stored.get(id)
    if (config) return config
    if (providers.inventory(id))
      throw new AppError('VERB_NOT_SUPPORTED', `${id} is part of Berth and cannot be changed.`)
    throw new AppError('PROVIDER_NOT_FOUND', `There is no provider ${id}.`)
  }

  const refuseTwice = (kind: string, address: string, except: string | null): void => {
    const same = [...stored.values()].find(
      (each) => each.id !== except && each.kind === kind && each.address === address,
    )
    if (same) throw new AppError('PROVIDER_EXISTS', `${same.name} is already connected at ${address}.`)
  }

  const freeId = (kind: string): string => {
    for (let count = 1; ; count++) {
      const id = count === 1 ? kind : `${kind}-${count}`
      if (!stored.has(id) && !providers.inventory(id)) return ProviderId.parse(id)
    }
  }

  const save = (config: StoredProvider): void => {
    repository.save(config)
    stored.set(config.id, config)
  }

  return {
    /** Connects everything that is enabled and was not added meanwhile; none waits for another. */
    start: (): Promise<void> =>
      inTurn(async () => {
        await Promise.all([...stored.keys()].filter((id) => !providers.inventory(id)).map(connect))
      }),
    list,
    info: infoOf,

    add: async ({ kind, name, address, key, keyVariable, hidePaid }: NewConnection): Promise<ProviderInfo> => {
      const { id, firstLook } = await inTurn(async () => {
        const facts = providerKinds[kind]
        const parsed = parseAddress(address ?? facts.address ?? '')
        refuseTwice(kind, parsed, null)
        const variable = keyVariable !== undefined && key === undefined ? keyVariable : null
        if (variable !== null && !facts.keyVariables.includes(variable))
          throw new AppError('INVALID_INPUT', `${variable} is not a variable that holds a key of ${facts.label}.`)
        const id = freeId(kind)
        if (key !== undefined) await keys.set(id, originOf(parsed), key)
        else if (keys.keyState(id).state !== 'none') await keys.forget(id) // of one that could not be written down
        save({
          id,
          kind,
          name: name ?? nameFor(facts.label, id, kind),
          address: parsed,
          keyVariable: variable,
          keyOrigin: variable === null ? null : originOf(parsed),
          hidePaid: hidePaid ?? false,
          enabled: true,
          addedAt: now(),
        })
        return { id, ...(await connect(id)) }
      })
      onChange()
      await firstLook
      return infoOf(id)
    },

    change: async ({
      provider: id,
      name,
      address,
      key,
      enabled,
      hidePaid,
    }: ConnectionChange): Promise<ProviderInfo> => {
      const { firstLook } = await inTurn(async () => {
        const before = configOf(id)
        const parsed = address === undefined ? before.address : parseAddress(address)
        refuseTwice(before.kind, parsed, id)
        const moved = originOf(parsed) !== originOf(before.address)
        if (key !== undefined && key !== null) await keys.set(id, originOf(parsed), key)
        else if (key === null || moved) await keys.forget(id)
        const dropsVariable = moved || key !== undefined
        const after: StoredProvider = {
          ...before,
          name: name ?? before.name,
          address: parsed,
          keyVariable: dropsVariable ? null : before.keyVariable,
          keyOrigin: dropsVariable ? null : before.keyOrigin,
          enabled: enabled ?? before.enabled,
          hidePaid: hidePaid ?? before.hidePaid,
        }
        save(after)
        // what is under way goes on under another name; only new sentences would need a new connection
        if (key === undefined && isSameServer(before, after)) return { firstLook: Promise.resolve() }
        await providers.remove(id)
        return connect(id)
      })
      onChange()
      await firstLook
      return infoOf(id)
    },

    remove: (id: string): Promise<ProviderInfo[]> =>
      inTurn(async () => {
        configOf(id)
        await keys.forget(id)
        repository.remove(id)
        stored.delete(id)
        await providers.remove(id)
        onChange()
        return list()
      }),

    /** Looks now, whatever its breaker says. */
    check: async (id: string): Promise<ProviderInfo> => {
      await changing // one that is just being changed is away for a moment
      const config = stored.get(id)
      if (config === undefined || config.enabled) await providers.check(id)
      return infoOf(id)
    },

    health: async (id: string, signal: AbortSignal): Promise<ProviderHealth> => {
      const provider = providers.inventory(id)?.provider
      const info = infoOf(id)
      if (!provider) return { provider: info, groups: [], account: null, problem: null }
      const [facts, account] = await Promise.allSettled([provider.facts?.(signal), provider.account?.(signal)])
      const failure = [facts, account].find((each) => each.status === 'rejected')
      if (failure && !(failure.reason instanceof AppError)) throw failure.reason
      return {
        provider: infoOf(id),
        groups: facts.status === 'fulfilled' ? [...(facts.value ?? [])] : [],
        account: account.status === 'fulfilled' ? (account.value ?? null) : null,
        problem: failure ? failure.reason.message : null,
      }
    },

    /** What is connected already is left out. */
    found: async (signal: AbortSignal): Promise<FoundProvider[]> => {
      const found = await deps.discover(signal)
      const connected = new Set([...stored.values()].map(({ kind, address }) => `${kind} ${addressKey(address)}`))
      return found.filter(({ kind, address }) => !connected.has(`${kind} ${addressKey(address)}`))
    },

    test: async (
      {
        kind,
        address,
        key,
        keyVariable,
        provider,
      }: { kind: ConnectedKind; address: string } & {
        key?: string | undefined
        keyVariable?: string | undefined
        provider?: string | undefined
      },
      signal: AbortSignal,
    ): Promise<ProviderTest> => {
      try {
        const parsed = parseAddress(address)
        const known = provider === undefined ? undefined : stored.get(provider)
        const kept = known && originOf(known.address) === originOf(parsed) ? keyOf(known) : null
        const named = keyVariable !== undefined && providerKinds[kind].keyVariables.includes(keyVariable)
        return await deps.tryOut(kind, parsed, key ?? (named ? env[keyVariable]?.trim() || null : kept), signal)
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'ADDRESS_INVALID') throw error
        const { code, message, advice } = error
        return { result: 'failed', problem: 'address', code, message, advice, kindFound: null }
      }
    },

    countAnswer: (
      id: string,
      used: { promptTokens: number | null; completionTokens: number | null; costUsd: number | null },
    ) =>
      repository.countAnswer(id, dayOf(now()), {
        promptTokens: used.promptTokens ?? 0,
        completionTokens: used.completionTokens ?? 0,
        costUsd: used.costUsd,
      }),
    countFault: (id: string): void => repository.countFault(id, dayOf(now())),
    close: (): Promise<unknown> => changing,
  }
}

export type ConnectionService = ReturnType<typeof createConnectionService>

const isSameServer = (a: StoredProvider, b: StoredProvider): boolean =>
  a.address === b.address && a.enabled === b.enabled && a.hidePaid === b.hidePaid

/** The second Ollama is `Ollama 2`. */
const nameFor = (label: string, id: string, kind: string): string =>
  id === kind ? label : `${label} ${id.slice(kind.length + 1)}`

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
