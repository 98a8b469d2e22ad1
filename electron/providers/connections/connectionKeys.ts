import type { KeyState } from '../../../shared/contract/providers.ts'
import { providerKinds } from '../../../shared/providerKinds.ts'
import type { StoredProvider } from '../../catalog/providerRepository.ts'
import type { ConnectedKind } from '../kinds.ts'
import { originOf } from '../providerAddress.ts'

/** Keys of providers, as electron/secrets keeps them. */
export interface Keys {
  set(id: string, origin: string, key: string): Promise<void>
  get(id: string, origin: string): string | null
  keyState(id: string): KeyState
  forget(id: string): Promise<void>
}

/** Where the key of a connection comes from: it is kept, or a variable of this process holds it. Only for its own origin. */
export const createConnectionKeys = (keys: Keys, env: Readonly<Record<string, string | undefined>>) => {
  const inVariable = (name: string): string | null => env[name]?.trim() || null

  return {
    /** Is it one for keys of this kind? No other is ever read. */
    isKeyVariable: (kind: ConnectedKind, name: string): boolean => providerKinds[kind].keyVariables.includes(name),
    inVariable,
    of: ({ id, address, keyVariable, keyOrigin }: StoredProvider): string | null => {
      const origin = originOf(address)
      if (keyVariable === null) return keys.get(id, origin)
      return keyOrigin === origin ? inVariable(keyVariable) : null
    },
    stateOf: ({ id, keyVariable }: StoredProvider): KeyState => {
      if (keyVariable === null) return keys.keyState(id)
      if (inVariable(keyVariable) !== null) return { state: 'environment', variable: keyVariable }
      return { state: 'lost', reason: `The environment variable ${keyVariable} is not set any more.` }
    },
  }
}
export type ConnectionKeys = ReturnType<typeof createConnectionKeys>
