import type { CatalogDatabase } from './database.ts'
import type { PlaceFile } from './fileRepository.ts'

export interface FileDigest {
  /** as it was hashed first under its size and date */
  readonly sha256: string
  /** other bytes that were read later: it has rotted. Null: the same as ever */
  readonly found: string | null
}

export interface FileHash extends PlaceFile, FileDigest {
  /** Unix milliseconds */
  readonly at: number
}

/** Full hashes of single files. One of another size or date is no hash of this file. */
export const createFileHashRepository = (db: CatalogDatabase) => {
  const one = db.prepare<[string, number, number], FileDigest>(
    'SELECT sha256, found_sha256 AS found FROM file_hash WHERE path = ? AND size_bytes = ? AND modified_at = ?',
  )
  const upsert = db.prepare<[string, number, number, string, string | null, number]>(`
    INSERT INTO file_hash (path, size_bytes, modified_at, sha256, found_sha256, hashed_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (path) DO UPDATE SET size_bytes = excluded.size_bytes, modified_at = excluded.modified_at,
      sha256 = excluded.sha256, found_sha256 = excluded.found_sha256, hashed_at = excluded.hashed_at`)
  return {
    find: ({ path, sizeBytes, modifiedAt }: PlaceFile): FileDigest | null =>
      one.get(path, sizeBytes, modifiedAt) ?? null,
    save: db.transaction((files: readonly FileHash[]): void => {
      for (const { path, sizeBytes, modifiedAt, sha256, found, at } of files)
        upsert.run(path, sizeBytes, modifiedAt, sha256, found, at)
    }).immediate,
  }
}

export type FileHashRepository = ReturnType<typeof createFileHashRepository>
