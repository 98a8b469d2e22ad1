import { unwrapKey, wrapKey } from './envelope.ts'

/** The operating system's store, as the desktop host finds it. What it rejects with never holds the text. */
export interface KeyStore {
  /** `keychain`, `dpapi`, on Linux the name that Electron gives */
  readonly backend: string
  encrypt(text: string): Promise<Buffer>
  decrypt(bytes: Buffer): Promise<string>
}

/** What protects, and how people know it. A list, so that a name nobody thought of is no protection. */
const protecting: ReadonlyMap<string, string> = new Map([
  ['keychain', 'the macOS Keychain'],
  ['dpapi', 'Windows data protection (DPAPI)'],
  ['gnome_libsecret', 'the keyring of the desktop (libsecret)'],
  ['kwallet', 'KWallet'],
  ['kwallet5', 'KWallet'],
  ['kwallet6', 'KWallet'],
])

/** It may ask the person first. */
const answerLimitMs = 60_000

/** Whether a store of this name protects at all: `basic_text` encrypts with a password that everybody knows. */
export const isProtection = (backend: string): boolean => protecting.has(backend)

export const storeLabel = (backend: string): string => protecting.get(backend) ?? `“${backend}”`

/**
 * A key as this store encrypts it, after it has given the same back once: that a store says it is there proves nothing.
 * Rejects with what is wrong, in words that follow “does not work:”.
 */
export const sealByStore = async (store: KeyStore, id: string, origin: string, key: string): Promise<Buffer> => {
  const text = wrapKey(id, origin, key)
  const ciphertext = await inTime(store.encrypt(text))
  if (ciphertext.includes(text.slice(0, 64))) throw new Error('it does not encrypt')
  if ((await inTime(store.decrypt(ciphertext))) !== text) throw new Error('it does not give back what it encrypted')
  return ciphertext
}

/** Null: the store cannot decrypt it, or it is not the key of this provider and origin. However long a person thinks. */
export const unsealByStore = async (store: KeyStore, id: string, origin: string, ciphertext: string) => {
  const text = await store.decrypt(Buffer.from(ciphertext, 'base64')).catch(() => null)
  return text === null ? null : unwrapKey(text, id, origin)
}

const inTime = async <T>(work: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`it did not answer within ${answerLimitMs / 1000} s`)), answerLimitMs)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
