import type Database from 'better-sqlite3'

/** One step of the schema. Never edited once it has landed: the next change is the next step. */
export interface Migration {
  readonly id: number
  readonly up: (db: Database.Database) => void
}
