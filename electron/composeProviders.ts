import { homedir } from 'node:os'
import type { Change } from '../shared/contract/system.ts'
import type { Catalog } from './catalog/database.ts'
import { createProviderRepository } from './catalog/providerRepository.ts'
import { AppError } from './lib/appError.ts'
import { endAll } from './lib/endAll.ts'
import { createConnectionService } from './providers/connections/connectionService.ts'
import { createTryOut } from './providers/connections/tryOut.ts'
import { createDiscovery } from './providers/discovery/discovery.ts'
import { type ConnectedKind, makeProvider } from './providers/kinds.ts'
import type { ProviderConfig } from './providers/provider.ts'
import { createProviderService, type ProviderServiceDeps } from './providers/providerService.ts'
import type { KeyStore } from './secrets/keyStore.ts'
import { createSecretService } from './secrets/secretService.ts'
import type { SettingsService } from './settings/settingsService.ts'
import type { SystemService } from './system/systemService.ts'

export interface ProviderParts {
  readonly db: Catalog['db']
  readonly dataDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly keyStore: KeyStore | null
  readonly keysPassphrase: string | null
  readonly settings: SettingsService
  readonly system: SystemService
  /** something of a provider is another than before */
  readonly onChange: ProviderServiceDeps['onChange']
  readonly publish: (change: Change) => void
  readonly onBug: (error: unknown, where: string) => void
  readonly now: () => number
}

/** Connects providers with their keys: the part of the composition root of connections. */
export const composeProviders = (parts: ProviderParts) => {
  const { dataDir, env, settings, system, publish, onBug, now } = parts
  const publishProviders = (): void => publish({ type: 'providers', providers: connections.list() })

  const providers = createProviderService({
    now,
    onChange: (id, what) => {
      parts.onChange(id, what)
      publishProviders()
    },
    countAnswer: (id, used) => connections.countAnswer(id, used),
    countFault: (id) => connections.countFault(id),
  })
  const secrets = createSecretService({
    dataDir,
    now,
    keyStore: parts.keyStore,
    passphrase: parts.keysPassphrase,
    onDamaged: (path) =>
      system.notify(
        'secrets-damaged',
        'warning',
        'The stored keys were damaged',
        `They were put aside as ${path}. Enter the keys of your providers again.`,
      ),
  })
  secrets.onChange((opened) => {
    publish({ type: 'secrets', secrets: secrets.state() })
    publishProviders()
    for (const id of opened)
      connections.check(id).catch((error: unknown) => {
        if (!(error instanceof AppError)) onBug(error, 'secrets') // an AppError: it is not connected yet
      })
  })
  const make = (kind: ConnectedKind, config: ProviderConfig) => makeProvider[kind](config)
  const connections = createConnectionService({
    repository: createProviderRepository(parts.db),
    providers,
    keys: secrets,
    env,
    make,
    discover: createDiscovery({
      env,
      home: homedir(),
      platform: process.platform,
      lanHosts: () => settings.get().lanHosts,
    }),
    tryOut: createTryOut({ make, now }),
    now,
    onChange: publishProviders,
  })

  const steps = [connections.close, secrets.close, providers.close]
  return { providers, secrets, connections, close: () => endAll(steps) }
}
