import type { CatalogDatabase } from './database.ts'

/** Values are JSON; who reads one parses it by schema. */
export const createSettingRepository = (db: CatalogDatabase) => {
  const get = db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck()
  const set = db.prepare<[string, string]>(
    'INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  return {
    /** null when it was never set */
    get: (key: string): unknown => {
      const value = get.get(key)
      return value === undefined ? null : JSON.parse(value)
    },
    set: (key: string, value: unknown): void => void set.run(key, JSON.stringify(value)),
  }
}

export type SettingRepository = ReturnType<typeof createSettingRepository>
