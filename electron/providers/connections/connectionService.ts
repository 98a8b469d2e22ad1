import {
  type FoundProvider,
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
import { originOf, parseAddress, serverOf } from '../providerAddress.ts'
import type { ProviderService } from '../providerService.ts'
import { createConnectionKeys, type Keys } from './connectionKeys.ts'
import { createConnectionList, dayOf } from './connectionList.ts'
import { healthOf } from './providerHealth.ts'

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
  const { repository, providers, now, onChange } = deps
  const stored = new Map(repository.all().map((each) => [each.id, each]))
  const keys = createConnectionKeys(deps.keys, deps.env)
  const { infoOf, list } = createConnectionList({ stored, providers, repository, keys, now })
  /** one change of connections after the other */
  let changing: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = changing.then(change, change)
    changing = result.catch(() => {}) // its own caller hears of it
    return result
  }

  /** Resolves when it is connected, with the first look at it, which a silent server draws out. */
  const connect = async (id: string): Promise<{ firstLook: Promise<void> }> => {
    const config = stored.get(id)
    if (!config?.enabled) return { firstLook: Promise.resolve() }
    const provider = await deps.make(config.kind, {
      id,
      name: config.name,
      address: config.address,
      apiKey: () => keys.of(stored.get(id) ?? config),
      hidePaid: config.hidePaid,
      now,
    })
    return { firstLook: providers.add(provider) }
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
        if (variable !== null && !keys.isKeyVariable(kind, variable))
          throw new AppError('INVALID_INPUT', `${variable} is not a variable that holds a key of ${facts.label}.`)
        const id = freeId(kind)
        if (key !== undefined) await deps.keys.set(id, originOf(parsed), key)
        else if (deps.keys.keyState(id).state !== 'none') await deps.keys.forget(id) // of one that could not be written down
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
        if (key !== undefined && key !== null) await deps.keys.set(id, originOf(parsed), key)
        else if (key === null || moved) await deps.keys.forget(id)
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
        await deps.keys.forget(id)
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

    health: (id: string, signal: AbortSignal): Promise<ProviderHealth> =>
      healthOf(providers.inventory(id)?.provider ?? null, () => infoOf(id), signal),

    /** What is connected already is left out. */
    found: async (signal: AbortSignal): Promise<FoundProvider[]> => {
      const found = await deps.discover(signal)
      const connected = new Set([...stored.values()].map(({ kind, address }) => `${kind} ${serverOf(address)}`))
      return found.filter(({ kind, address }) => !connected.has(`${kind} ${serverOf(address)}`))
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
        const kept = known && originOf(known.address) === originOf(parsed) ? keys.of(known) : null
        const isNamed = keyVariable !== undefined && keys.isKeyVariable(kind, keyVariable)
        return await deps.tryOut(kind, parsed, key ?? (isNamed ? keys.inVariable(keyVariable) : kept), signal)
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
