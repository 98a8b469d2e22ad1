import type { KeyStore } from '../secrets/keyStore.ts'
import type { ElectronApi } from './electronApi.ts'

/** Of what Chromium encrypted with a key from a keyring; `v10` on Linux is its own password, which everybody knows. */
const fromKeyring = Buffer.from('v11')

/**
 * Electron's safeStorage, once Electron is ready. On Linux its name is that of the store the desktop should have. Where that
 * store does not answer, Chromium encrypts with its own password and says nothing, so each ciphertext is looked at.
 */
export const createKeyStore = ({ safeStorage }: Pick<ElectronApi, 'safeStorage'>, platform: string): KeyStore => {
  const isLinux = platform === 'linux'
  const names: Readonly<Record<string, string>> = { darwin: 'keychain', win32: 'dpapi' }
  return {
    backend: isLinux ? safeStorage.getSelectedStorageBackend() : (names[platform] ?? 'unknown'),
    encrypt: async (text) => {
      if (!(await safeStorage.isAsyncEncryptionAvailable())) throw new Error('it is not available')
      const ciphertext = await safeStorage.encryptStringAsync(text).catch(() => {
        throw new Error('it could not encrypt') // without Electron's words, which we do not know
      })
      if (isLinux && !ciphertext.subarray(0, fromKeyring.length).equals(fromKeyring))
        throw new Error('it holds no key for Berth, is locked or is not running')
      return ciphertext
    },
    decrypt: async (bytes) => (await safeStorage.decryptStringAsync(bytes)).result,
  }
}
