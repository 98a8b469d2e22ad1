import { chmodSync, readFileSync, renameSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, errnoOf, messageOf } from '../lib/appError.ts'
import { syncFolder } from '../lib/syncFolder.ts'
import type { Lock } from './passphrase.ts'

/** One key, encrypted. `backend` is what it was encrypted by: a store's name, or `passphrase`. */
export const StoredKey = z.object({
  origin: z.string().max(1000),
  backend: z.string().max(100),
  /** Base64 */
  ciphertext: z.string().max(100_000),
})
export type StoredKey = z.infer<typeof StoredKey>

const Content = z.object({
  version: z.literal(1),
  passphrase: z.unknown(),
  /** read one by one, so that a damaged one takes no other with it, and stays what it is when another is written */
  entries: z.record(z.string(), z.unknown()),
})
const StoredLock = z.object({ salt: z.string().max(1000), verifier: z.string().max(1000) })

export interface SecretFile {
  readonly lock: Lock | null
  /** by provider; StoredKey when it is whole */
  readonly entries: ReadonlyMap<string, unknown>
  /** Why nothing may be written to it: it is there and cannot be read. */
  readonly unusable: string | null
  /** Where one that made no sense lies now. */
  readonly putAside: string | null
  /** Resolves when it is on the disk; a failure leaves what was there. @throws AppError DISK_FULL, DATA_FOLDER_UNUSABLE */
  save(lock: Lock | null, entries: ReadonlyMap<string, unknown>): Promise<void>
}

const fileName = 'secrets.json'
const maxBytes = 4 * 2 ** 20
const ownerOnly = 0o600

/** `secrets.json` in the data folder: apart from the catalog, so that no backup holds it. */
export const openSecretFile = (dataDir: string, now: () => number): SecretFile => {
  const path = join(dataDir, fileName)
  const save: SecretFile['save'] = (lock, entries) =>
    replaceFile(
      dataDir,
      JSON.stringify({ version: 1, passphrase: lock, entries: Object.fromEntries(entries) }, null, 2),
    )
  const empty = { lock: null, entries: new Map(), unusable: null, putAside: null, save }
  try {
    const text = readOwn(path)
    if (text === null) return empty
    const content = parse(text)
    if (content) return { ...empty, ...content }
    const putAside = `${path}.damaged-${now()}`
    renameSync(path, putAside)
    return { ...empty, putAside }
  } catch (error) {
    return { ...empty, unusable: `${path} cannot be used: ${messageOf(error)}.` }
  }
}

/** Null when it is not there. One that others may read, as a restored copy can be, is closed to them. */
const readOwn = (path: string): string | null => {
  try {
    const { mode, size } = statSync(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) chmodSync(path, ownerOnly)
    return size > maxBytes ? '' : readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

const parse = (text: string): Pick<SecretFile, 'lock' | 'entries'> | null => {
  try {
    const { passphrase, entries } = Content.parse(JSON.parse(text))
    return { lock: StoredLock.safeParse(passphrase).data ?? null, entries: new Map(Object.entries(entries)) }
  } catch {
    return null // not ours, or damaged
  }
}

const replaceFile = async (dataDir: string, text: string): Promise<void> => {
  const path = join(dataDir, fileName)
  const partial = `${path}.part`
  try {
    await rm(partial, { force: true })
    const handle = await open(partial, 'wx', ownerOnly)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(partial, path)
    await syncFolder(dataDir)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {}) // what failed first is what to tell
    throw errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT'
      ? new AppError('DISK_FULL', undefined, { cause: error })
      : new AppError('DATA_FOLDER_UNUSABLE', `${path} cannot be written: ${messageOf(error)}.`, { cause: error })
  }
}
