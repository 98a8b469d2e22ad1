import type { KeyState } from '../../shared/contract/providers.ts'
import type { Secrets } from '../../shared/contract/secrets.ts'
import { AppError, messageOf } from '../lib/appError.ts'
import { describeSecrets, lostReasons, memoryReason } from './describeSecrets.ts'
import { isProtection, type KeyStore, sealByStore, unsealByStore } from './keyStore.ts'
import { createLock, type OpenLock, openLock } from './passphrase.ts'
import { openSecretFile, type StoredKey } from './secretFile.ts'
import { createStoredKeys, underPassphrase } from './storedKeys.ts'

/**
 * Keys of providers, each bound to one origin (scheme, host, port). They never leave the main process but to that origin.
 */
export interface SecretService {
  state(): Secrets
  /**
   * Keeps a key under the provider's id, in place of an older one.
   * @throws AppError SECRETS_LOCKED, DISK_FULL, DATA_FOLDER_UNUSABLE
   */
  set(id: string, origin: string, key: string): Promise<void>
  /** Null: there is none for this origin, or it cannot be read now; `keyState` says why. */
  get(id: string, origin: string): string | null
  keyState(id: string): KeyState
  forget(id: string): Promise<void>
  /** @throws AppError PASSPHRASE_WRONG, VERB_NOT_SUPPORTED */
  unlock(passphrase: string): Promise<Secrets>
  /** Calls back when the state or a key's state changed, with the providers whose key can be read from now on. */
  onChange(listener: (opened: readonly string[]) => void): void
  /** Reads what is stored. Resolves when that is done, or after 3 s when a key store asks the person first; it then goes on. */
  start(): Promise<void>
  /** Resolves when nothing is being written; nobody is called back from then on. */
  close(): Promise<void>
}

export interface SecretServiceDeps {
  readonly dataDir: string
  readonly now: () => number
  /** null where there is none: without a window */
  readonly keyStore: KeyStore | null
  /** what the person gave at the start */
  readonly passphrase: string | null
  /** a file that made no sense was put aside */
  readonly onDamaged: (path: string) => void
}

type Protection = 'os' | 'passphrase' | 'memory'
type Held =
  | { readonly state: 'open'; readonly origin: string; readonly key: string; readonly protection: Protection }
  /** the key store was not asked yet */
  | { readonly state: 'waiting' }
  | { readonly state: 'locked' }
  | { readonly state: 'lost'; readonly reason: string }
type Sealed = { readonly protection: Protection; readonly stored: StoredKey | null }

const startLimitMs = 3_000

/** The work goes on when it takes longer than a start may. */
const inStartTime = (work: Promise<unknown>): Promise<unknown> => {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, startLimitMs)
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/**
 * Keeps keys in memory and, encrypted, in `secrets.json`: by the operating system's store when that protects, else under a
 * passphrase when there is one. An entry that cannot be read stays as it is until its key is entered again or forgotten.
 */
export const createSecretService = (deps: SecretServiceDeps): SecretService => {
  const { keyStore, onDamaged } = deps
  const file = openSecretFile(deps.dataDir, deps.now)
  if (file.putAside !== null) onDamaged(file.putAside)
  const stored = createStoredKeys(file)
  let opened: OpenLock | null = null
  let storeFault: string | null = null
  let wrongAtStart = false
  let starting: Promise<void> | null = null
  let isClosed = false
  /** one change after the other */
  let changing: Promise<unknown> = Promise.resolve()
  const listeners: ((opened: readonly string[]) => void)[] = []

  /** The store that new keys go to. */
  const store = (): KeyStore | null =>
    keyStore !== null && isProtection(keyStore.backend) && storeFault === null && file.unusable === null
      ? keyStore
      : null

  const firstLook = (id: string): Held => {
    const entry = stored.get(id)
    if (!entry) return { state: 'lost', reason: lostReasons.unreadable }
    if (entry.backend === underPassphrase)
      return stored.lock() ? { state: 'locked' } : { state: 'lost', reason: lostReasons.withoutLock }
    const usable = store()
    return usable?.backend === entry.backend
      ? { state: 'waiting' }
      : { state: 'lost', reason: lostReasons.changed(entry.backend, usable?.backend ?? null) }
  }
  const keys = new Map<string, Held>(stored.ids().map((id) => [id, firstLook(id)]))

  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = changing.then(change)
    changing = result.catch(() => {}) // its own caller hears of it
    return result
  }
  const tell = (ids: readonly string[] = []): void => {
    if (!isClosed) for (const listener of listeners) listener(ids)
  }

  const lockedCount = (): number => [...keys.values()].filter(({ state }) => state === 'locked').length
  const protection = (): Secrets['protection'] => {
    if (store()) return 'os'
    if (opened) return 'passphrase'
    return lockedCount() > 0 ? 'locked' : 'memory'
  }
  const state = (): Secrets => {
    const backend = store()?.backend ?? null
    const reason = memoryReason({ unusable: file.unusable, store: keyStore?.backend ?? null, fault: storeFault })
    const facts = { protection: protection(), backend, locked: lockedCount(), reason, wrongAtStart }
    return { protection: facts.protection, backend, text: describeSecrets(facts) }
  }

  /** Null: it does not work, which is remembered and told. */
  const storedByStore = async (id: string, origin: string, key: string): Promise<StoredKey | null> => {
    const usable = store()
    if (!usable) return null
    try {
      const ciphertext = await sealByStore(usable, id, origin, key)
      return { origin, backend: usable.backend, ciphertext: ciphertext.toString('base64') }
    } catch (error) {
      storeFault = messageOf(error).replace(/\.$/, '')
      return null
    }
  }

  const sealUnder = ({ seal }: OpenLock, id: string, origin: string, key: string): Sealed => ({
    protection: 'passphrase',
    stored: { origin, backend: underPassphrase, ciphertext: seal(id, origin, key) },
  })

  const sealed = async (id: string, origin: string, key: string): Promise<Sealed> => {
    const byStore = await storedByStore(id, origin, key)
    if (byStore) return { protection: 'os', stored: byStore }
    if (opened) return sealUnder(opened, id, origin, key)
    if (lockedCount() > 0) throw new AppError('SECRETS_LOCKED')
    return { protection: 'memory', stored: null }
  }

  /** What a passphrase that is right makes of the keys that are stored under it. */
  const openUnder = (next: OpenLock): Map<string, Held> =>
    new Map(
      stored.underPassphrase().map(([id, { origin, ciphertext }]): [string, Held] => {
        const key = next.unseal(id, origin, ciphertext)
        return key === null
          ? [id, { state: 'lost', reason: lostReasons.unreadable }]
          : [id, { state: 'open', origin, key, protection: 'passphrase' }]
      }),
    )

  const unlock = async (passphrase: string): Promise<void> => {
    const lock = stored.underPassphrase().length > 0 ? stored.lock() : null
    if (file.unusable !== null) throw new AppError('VERB_NOT_SUPPORTED', file.unusable, { advice: correctRights })
    if (!lock && store()) throw new AppError('VERB_NOT_SUPPORTED', state().text, { advice: noNeed })
    const next = lock ? await openLock(lock, passphrase) : await createLock(passphrase)
    const found = openUnder(next)
    const kept = new Map<string, StoredKey | null>()
    for (const [id, held] of keys)
      if (held.state === 'open' && held.protection === 'memory') {
        kept.set(id, sealUnder(next, id, held.origin, held.key).stored)
        found.set(id, { ...held, protection: 'passphrase' })
      }
    if (kept.size > 0) await stored.put(kept, next.lock)
    const fresh = [...found].filter(([id, held]) => held.state === 'open' && keys.get(id)?.state !== 'open')
    for (const [id, held] of found) keys.set(id, held)
    opened = next
    wrongAtStart = false
    tell(fresh.map(([id]) => id))
  }

  const askStore = async (id: string): Promise<void> => {
    const before = keys.get(id)
    const entry = stored.get(id)
    if (before?.state !== 'waiting' || !entry || keyStore === null) return
    const key = await unsealByStore(keyStore, id, entry.origin, entry.ciphertext)
    if (keys.get(id) !== before) return // entered again or forgotten meanwhile
    if (key !== null) keys.set(id, { state: 'open', origin: entry.origin, key, protection: 'os' })
    else keys.set(id, { state: 'lost', reason: lostReasons.undecryptable(entry.backend) })
    tell(key === null ? [] : [id])
  }

  const tryPassphrase = async (passphrase: string): Promise<void> => {
    await inTurn(() => unlock(passphrase)).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error
      wrongAtStart = error.code === 'PASSPHRASE_WRONG'
      tell()
    })
  }

  return {
    state,
    set: (id, origin, key) =>
      inTurn(async () => {
        const { protection, stored: entry } = await sealed(id, origin, key)
        await stored.put(new Map([[id, entry]]), opened?.lock)
        keys.set(id, { state: 'open', origin, key, protection })
        tell()
      }),
    get: (id, origin) => {
      const held = keys.get(id)
      return held?.state === 'open' && held.origin === origin ? held.key : null
    },
    keyState: (id) => {
      const held = keys.get(id)
      if (!held) return { state: 'none' }
      if (held.state === 'open') return { state: 'stored', protection: held.protection }
      return held.state === 'waiting' ? { state: 'stored', protection: 'os' } : held
    },
    forget: (id) =>
      inTurn(async () => {
        await stored.put(new Map([[id, null]]))
        if (keys.delete(id)) tell()
      }),
    unlock: async (passphrase) => {
      await inTurn(() => unlock(passphrase))
      return state()
    },
    onChange: (listener) => void listeners.push(listener),
    start: () => {
      // nobody is asked for the passphrase that was given: it only takes what its scrypt takes, on a slow machine too
      starting ??= Promise.all([
        inStartTime(Promise.all([...keys.keys()].map(askStore))),
        ...(deps.passphrase === null ? [] : [tryPassphrase(deps.passphrase)]),
      ]).then(() => {})
      return starting
    },
    close: async () => {
      isClosed = true
      await changing
    },
  }
}

const noNeed = 'There is nothing to unlock and no passphrase is needed.'
const correctRights = 'Correct the rights of this file, or move it away, and start Berth again.'
