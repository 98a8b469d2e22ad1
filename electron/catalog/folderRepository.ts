import type { CatalogDatabase } from './database.ts'

export interface FolderRow {
  readonly path: string
  readonly addedAt: number
  readonly lastScanAt: number | null
}

export const createFolderRepository = (db: CatalogDatabase) => {
  const all = db.prepare<[], FolderRow>(
    'SELECT path, added_at AS addedAt, last_scan_at AS lastScanAt FROM folder ORDER BY added_at, path',
  )
  const insert = db.prepare<[string, number]>(
    'INSERT INTO folder (path, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  const remove = db.prepare<[string]>('DELETE FROM folder WHERE path = ?')
  const scanned = db.prepare<[number, string]>('UPDATE folder SET last_scan_at = ? WHERE path = ?')
  return {
    list: (): FolderRow[] => all.all(),
    /** false when it was there */
    add: (path: string, addedAt: number): boolean => insert.run(path, addedAt).changes > 0,
    /** false when it was not there */
    remove: (path: string): boolean => remove.run(path).changes > 0,
    markScanned: (path: string, at: number): void => void scanned.run(at, path),
  }
}

export type FolderRepository = ReturnType<typeof createFolderRepository>
