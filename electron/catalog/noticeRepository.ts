import type { Notice } from '../../shared/contract/system.ts'
import type { CatalogDatabase } from './database.ts'

export const createNoticeRepository = (db: CatalogDatabase) => {
  const all = db.prepare<[], Notice>('SELECT id, level, title, text, at FROM notice ORDER BY at DESC')
  const upsert = db.prepare<Notice>(
    'INSERT OR REPLACE INTO notice (id, level, title, text, at) VALUES (@id, @level, @title, @text, @at)',
  )
  const remove = db.prepare<[string]>('DELETE FROM notice WHERE id = ?')
  return {
    list: (): Notice[] => all.all(),
    save: (notice: Notice): void => void upsert.run(notice),
    remove: (id: string): void => void remove.run(id),
  }
}

export type NoticeRepository = ReturnType<typeof createNoticeRepository>
