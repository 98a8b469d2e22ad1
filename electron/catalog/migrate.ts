import type Database from 'better-sqlite3'
import { AppError } from '../lib/appError.ts'
import { catalog } from './migrations/0001-catalog.ts'
import { files } from './migrations/0002-files.ts'
import { providers } from './migrations/0003-providers.ts'
import { benchmarks } from './migrations/0004-benchmarks.ts'
import type { Migration } from './migrations/migration.ts'

export const migrations: readonly Migration[] = [catalog, files, providers, benchmarks]

export const schemaVersion = (db: Database.Database): number => Number(db.pragma('user_version', { simple: true }))

/**
 * Brings the schema up to date, each step and its `user_version` in one transaction.
 * @param backUp called once before the first step, only when there is something to lose
 * @throws AppError CATALOG_TOO_NEW
 */
export const migrate = (
  db: Database.Database,
  steps: readonly Migration[],
  backUp: (version: number) => void,
): void => {
  const version = schemaVersion(db)
  const newest = steps.at(-1)?.id ?? 0
  if (version > newest) {
    throw new AppError(
      'CATALOG_TOO_NEW',
      `The catalog has version ${version}; this Berth knows versions up to ${newest}.`,
    )
  }
  const pending = steps.filter((step) => step.id > version)
  if (version > 0 && pending.length > 0) backUp(version)
  for (const step of pending) {
    db.transaction(() => {
      step.up(db)
      db.pragma(`user_version = ${step.id}`)
    }).immediate()
  }
}
