import { createHash } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AppError, messageOf } from '../lib/appError.ts'
import { migrate, migrations, schemaVersion } from './migrate.ts'
import type { Migration } from './migrations/migration.ts'

export type CatalogDatabase = Database.Database

export interface Catalog {
  readonly db: CatalogDatabase
  /** what happened to the file while opening it, for the person; null when nothing did */
  readonly recovery: string | null
  /** Copies the catalog in small steps beside the running work; keeps the newest three. */
  backUp(): Promise<void>
  close(): void
}

export interface CatalogOptions {
  readonly dataDir: string
  readonly now: () => number
  /** the last process did not close it: look at every page before trusting it */
  readonly uncleanStart: boolean
  readonly steps?: readonly Migration[]
}

/** A catalog up to this size is checked page by page at every start; it takes a few milliseconds. */
const alwaysCheckedBytes = 2 * 1024 * 1024
/** What a search over a very large catalog reads again and again; a small one never fills it. */
const cacheKib = 16 * 1024
const keptBackups = 3

/**
 * Opens the catalog, brings its schema up to date, and survives a damaged file: that one is put aside under another
 * name, never deleted, and the newest good backup takes its place.
 * @throws AppError CATALOG_TOO_NEW, DATA_FOLDER_UNUSABLE
 */
export const openCatalog = ({ dataDir, now, uncleanStart, steps = migrations }: CatalogOptions): Catalog => {
  const file = join(dataDir, 'catalog.sqlite')
  const backups = join(dataDir, 'backups')
  try {
    mkdirSync(backups, { recursive: true, mode: 0o700 })
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw unusable(file, error)
  }
  let recovery: string | null = null
  let db: CatalogDatabase
  try {
    db = openChecked(file, uncleanStart, steps)
  } catch (error) {
    if (!isDamage(error)) throw unusable(file, error)
    recovery = putAside(file, backups, now(), steps)
    db = openChecked(file, false, steps)
  }
  try {
    migrate(db, steps, (version) => backUpNow(db, backups, `before-v${version + 1}-${now()}`))
  } catch (error) {
    db.close()
    throw error instanceof AppError ? error : unusable(file, error)
  }
  return {
    db,
    recovery,
    backUp: async () => {
      const target = join(backups, `catalog-${now()}.sqlite`)
      await db.backup(`${target}.part`)
      finishBackup(target)
      prune(backups)
    },
    close: () => db.close(),
  }
}

const unusable = (file: string, error: unknown) =>
  new AppError('DATA_FOLDER_UNUSABLE', `The catalog ${file} cannot be opened: ${messageOf(error)}.`, { cause: error })

/** What says something about the disk, the rights or other processes, and nothing about the file's content. */
const elsewhere = /^SQLITE_(BUSY|LOCKED|FULL|NOMEM|PERM|CANTOPEN|IOERR)(?!_SHORT_READ)/

const isDamage = (error: unknown): boolean => error instanceof Database.SqliteError && !elsewhere.test(error.code)

/** SQLite's own word for damage, thrown where a check found some. */
const damage = (text: string) => new Database.SqliteError(text, 'SQLITE_CORRUPT')

const openChecked = (file: string, thorough: boolean, steps: readonly Migration[]): CatalogDatabase => {
  const db = new Database(file, { timeout: 2000 })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('trusted_schema = OFF')
    db.pragma(`cache_size = -${cacheKib}`)
    assertSettings(db)
    if (thorough || statSync(file).size <= alwaysCheckedBytes) {
      const answer = String(db.pragma('quick_check(1)', { simple: true }))
      if (answer !== 'ok') throw damage(answer)
    }
    checkSchema(db, steps)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Page checks do not read the schema's text: it must be word for word what the steps up to its version make. */
const checkSchema = (db: CatalogDatabase, steps: readonly Migration[]): void => {
  const version = schemaVersion(db)
  if (version === 0 || version > (steps.at(-1)?.id ?? 0)) return
  const model = new Database(':memory:')
  try {
    migrate(
      model,
      steps.filter((step) => step.id <= version),
      () => {},
    )
    if (JSON.stringify(schemaOf(db)) !== JSON.stringify(schemaOf(model)))
      throw damage('the schema is not the one of its version')
  } finally {
    model.close()
  }
}

const schemaOf = (db: CatalogDatabase): unknown[] =>
  db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all()

/** The durability the rest of the code relies on. 3.52.0 is left out for its WAL-reset fault. */
const assertSettings = (db: CatalogDatabase): void => {
  const version = String(db.prepare('SELECT sqlite_version()').pluck().get())
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const recent = major > 3 || (major === 3 && (minor > 51 || (minor === 51 && patch >= 3)))
  if (!recent || version === '3.52.0') throw new Error(`SQLite ${version} is not one Berth trusts`)
  const read = (name: string) => String(db.pragma(name, { simple: true }))
  if (read('journal_mode') !== 'wal' || read('synchronous') !== '2' || read('foreign_keys') !== '1') {
    throw new Error('SQLite did not take the settings for safe writing')
  }
}

/** Renames the damaged file and what belongs to it, then puts the newest backup whose hash is right in its place. */
const putAside = (file: string, backups: string, at: number, steps: readonly Migration[]): string => {
  const aside = `${file}.damaged-${at}`
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
  const backup = newestGoodBackup(backups, steps)
  if (!backup)
    return `The catalog was damaged. It was put aside as ${aside} and a new one was started; scan your folders again.`
  copyFileSync(backup, file)
  return `The catalog was damaged. It was put aside as ${aside} and the backup ${backup} took its place.`
}

const backupFiles = (backups: string): string[] =>
  readdirSync(backups)
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => join(backups, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)

const newestGoodBackup = (backups: string, steps: readonly Migration[]): string | null =>
  backupFiles(backups).find((file) => {
    try {
      if (readFileSync(`${file}.sha256`, 'utf8').trim() !== sha256(file)) return false
      openChecked(file, true, steps).close()
      return true
    } catch {
      return false // a backup that cannot be read is no backup
    } finally {
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
    }
  }) ?? null

const backUpNow = (db: CatalogDatabase, backups: string, name: string): void => {
  const target = join(backups, `${name}.sqlite`)
  rmSync(`${target}.part`, { force: true })
  db.prepare('VACUUM INTO ?').run(`${target}.part`)
  finishBackup(target)
}

const finishBackup = (target: string): void => {
  writeFileSync(`${target}.sha256`, `${sha256(`${target}.part`)}\n`)
  renameSync(`${target}.part`, target)
}

const prune = (backups: string): void => {
  for (const file of backupFiles(backups).slice(keptBackups)) {
    rmSync(file, { force: true })
    rmSync(`${file}.sha256`, { force: true })
  }
}

const sha256 = (file: string): string => {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(1 << 20)
  const handle = openSync(file, 'r')
  try {
    for (let read = readSync(handle, buffer); read > 0; read = readSync(handle, buffer))
      hash.update(buffer.subarray(0, read))
  } finally {
    closeSync(handle)
  }
  return hash.digest('hex')
}
