import type { CatalogDatabase } from './database.ts'
import type { PlaceFile } from './fileRepository.ts'

export interface FileHash extends PlaceFile {
  readonly sha256: string
  /** Unix milliseconds */
  readonly at: number
}

/** Full hashes of single files. One of another size or date is no hash of this file. */
export const createFileHashRepository = (db: CatalogDatabase) => {
  const one = db.prepare<[string], { size_bytes: number; modified_at: number; sha256: string }>(
    'SELECT size_bytes, modified_at, sha256 FROM file_hash WHERE path = ?',
  )
  const upsert = db.prepare<[string, number, number, string, number]>(`
    INSERT INTO file_hash (path, size_bytes, modified_at, sha256, hashed_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (path) DO UPDATE SET size_bytes = excluded.size_bytes, modified_at = excluded.modified_at,
      sha256 = excluded.sha256, hashed_at = excluded.hashed_at`)
  return {
    find: ({ path, sizeBytes, modifiedAt }: PlaceFile): string | null => {
      const row = one.get(path)
      return row?.size_bytes === sizeBytes && row.modified_at === modifiedAt ? row.sha256 : null
    },
    save: db.transaction((files: readonly FileHash[]): void => {
      for (const { path, sizeBytes, modifiedAt, sha256, at } of files)
        upsert.run(path, sizeBytes, modifiedAt, sha256, at)
    }).immediate,
  }
}

export type FileHashRepository = ReturnType<typeof createFileHashRepository>
