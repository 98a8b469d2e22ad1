import type { Lock } from './passphrase.ts'
import { type SecretFile, StoredKey } from './secretFile.ts'

/** What the backend of a key is called that no store of the system encrypted. */
export const underPassphrase = 'passphrase'

/** The entries of `secrets.json` as they are on the disk. One that makes no sense has an id, and stays what it is. */
export const createStoredKeys = (file: SecretFile) => {
  let entries = file.entries
  let lock = file.lock

  const get = (id: string): StoredKey | null => StoredKey.safeParse(entries.get(id)).data ?? null
  const ids = (): string[] => [...entries.keys()]
  const isUnderPassphrase = (entry: unknown): boolean => StoredKey.safeParse(entry).data?.backend === underPassphrase

  return {
    ids,
    get,
    /** What a passphrase is checked by; null when no key is under one. */
    lock: (): Lock | null => lock,
    /** The keys that are stored under the passphrase. */
    underPassphrase: (): [string, StoredKey][] =>
      ids().flatMap((id): [string, StoredKey][] => {
        const entry = get(id)
        return entry?.backend === underPassphrase && lock !== null ? [[id, entry]] : []
      }),
    /**
     * Writes these in place of what was there; null takes one away. The lock goes with the last key under it.
     * @throws AppError DISK_FULL, DATA_FOLDER_UNUSABLE: nothing has changed
     */
    put: async (changes: ReadonlyMap<string, StoredKey | null>, nextLock = lock): Promise<void> => {
      const next = new Map(entries)
      for (const [id, entry] of changes)
        if (entry) next.set(id, entry)
        else next.delete(id)
      const keptLock = [...next.values()].some(isUnderPassphrase) ? nextLock : null
      const isSame = next.size === entries.size && [...changes.values()].every((entry) => entry === null)
      if (!isSame) await file.save(keptLock, next)
      entries = next
      lock = keptLock
    },
  }
}
