import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyStore } from '../../electron/secrets/keyStore.ts'

export type FakeKeyStore = KeyStore & {
  /** in place of doing it */
  failWith: Error | null
  readonly asked: { encrypt: number; decrypt: number }
}

/**
 * A store that encrypts as Chromium does on Linux: AES-128-CBC, which authenticates nothing. Two with the same secret are
 * the same store at two starts.
 */
export const createFakeKeyStore = (backend: string, secret: Buffer = randomBytes(16)): FakeKeyStore => {
  const iv = Buffer.alloc(16, ' ')
  const asked = { encrypt: 0, decrypt: 0 }
  const store: FakeKeyStore = {
    backend,
    failWith: null,
    asked,
    encrypt: async (text) => {
      asked.encrypt++
      if (store.failWith) throw store.failWith
      const cipher = createCipheriv('aes-128-cbc', secret, iv)
      return Buffer.concat([Buffer.from('v11'), cipher.update(text, 'utf8'), cipher.final()])
    },
    decrypt: async (bytes) => {
      asked.decrypt++
      if (store.failWith) throw store.failWith
      const decipher = createDecipheriv('aes-128-cbc', secret, iv)
      return decipher.update(bytes.subarray(3), undefined, 'utf8') + decipher.final('utf8')
    },
  }
  return store
}
