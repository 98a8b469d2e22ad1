import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { AppError } from '../lib/appError.ts'

/** What of a passphrase is stored: enough to know it again, nothing to find it by. Both Base64. */
export interface Lock {
  readonly salt: string
  readonly verifier: string
}

/** A passphrase that was given, as the key made of it. */
export interface OpenLock {
  readonly lock: Lock
  seal(id: string, origin: string, key: string): string
  /** Null: damaged, or sealed for another provider, origin or passphrase. */
  unseal(id: string, origin: string, sealed: string): string | null
}

/** 128 MiB and about a third of a second for each guess. Fixed, so that no file can ask for less. */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }
const keyBytes = 32
const saltBytes = 16
const ivBytes = 12
const tagBytes = 16

/** The verifier's own place: no provider is called so. */
const verifierFor = ['', 'verifier'] as const

const derive = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    // the same letters are the same passphrase, however a keyboard composes them
    scrypt(passphrase.normalize('NFKC'), salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key))),
  )

/** AES-256-GCM; provider and origin are authenticated, so that no entry can be given another's place. */
const seal = (secret: Buffer, id: string, origin: string, text: string): string => {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(JSON.stringify([id, origin])))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
}

const unseal = (secret: Buffer, id: string, origin: string, sealed: string): string | null => {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes.length < ivBytes + tagBytes) return null
  const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(JSON.stringify([id, origin])))
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  try {
    return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return null // not what was sealed here
  }
}

const openWith = (secret: Buffer, lock: Lock): OpenLock => ({
  lock,
  seal: (id, origin, key) => seal(secret, id, origin, key),
  unseal: (id, origin, sealed) => unseal(secret, id, origin, sealed),
})

/** A passphrase that nothing is stored under yet. */
export const createLock = async (passphrase: string): Promise<OpenLock> => {
  const salt = randomBytes(saltBytes)
  const secret = await derive(passphrase, salt)
  return openWith(secret, { salt: salt.toString('base64'), verifier: seal(secret, ...verifierFor, 'berth') })
}

/** @throws AppError PASSPHRASE_WRONG */
export const openLock = async (lock: Lock, passphrase: string): Promise<OpenLock> => {
  const secret = await derive(passphrase, Buffer.from(lock.salt, 'base64'))
  if (unseal(secret, ...verifierFor, lock.verifier) === null) throw new AppError('PASSPHRASE_WRONG')
  return openWith(secret, lock)
}
