import type { KeyState } from '../../shared/contract/providers.ts'
import type { Secrets } from '../../shared/contract/secrets.ts'

/**
 * Keys of providers, each bound to one origin (scheme, host, port). They never leave the main process but to that origin.
 */
export interface SecretService {
  state(): Secrets
  /**
   * Keeps a key under the provider's id, in place of an older one.
   * @throws AppError SECRETS_LOCKED
   */
  set(id: string, origin: string, key: string): Promise<void>
  /** Null: there is none for this origin, or it cannot be read now; `keyState` says why. */
  get(id: string, origin: string): string | null
  keyState(id: string): KeyState
  forget(id: string): Promise<void>
  /** @throws AppError PASSPHRASE_WRONG, VERB_NOT_SUPPORTED */
  unlock(passphrase: string): Promise<Secrets>
  /** Calls back when the state or a key's state changed. */
  onChange(listener: () => void): void
}

/** Keeps keys in memory alone. */
export const createSecretService = (): SecretService => {
  const keys = new Map<string, { origin: string; key: string }>()
  return {
    state: () => ({ protection: 'memory', backend: null, text: 'Keys are kept until Berth ends.' }),
    set: async (id, origin, key) => void keys.set(id, { origin, key }),
    get: (id, origin) => {
      const entry = keys.get(id)
      return entry?.origin === origin ? entry.key : null
    },
    keyState: (id) => (keys.has(id) ? { state: 'stored', protection: 'memory' } : { state: 'none' }),
    forget: async (id) => void keys.delete(id),
    unlock: async () => ({ protection: 'memory', backend: null, text: 'Keys are kept until Berth ends.' }),
    onChange: () => {},
  }
}
