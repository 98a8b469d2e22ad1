import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { type Catalog, openCatalog } from './database.ts'
import { createFolderRepository } from './folderRepository.ts'
import { migrations, schemaVersion } from './migrate.ts'
import type { Migration } from './migrations/migration.ts'

const open = (dataDir: string, steps?: readonly Migration[], uncleanStart = false): Catalog => {
  const catalog = openCatalog({ dataDir, now: Date.now, uncleanStart, ...(steps && { steps }) })
  onTestFinished(() => {
    if (catalog.db.open) catalog.close()
  })
  return catalog
}

const filled = async (dataDir: string): Promise<void> => {
  const catalog = open(dataDir)
  const folders = createFolderRepository(catalog.db)
  for (let n = 0; n < 200; n++) folders.add(`/models/${n}`, n)
  await catalog.backUp()
  catalog.close()
}

const openOrRefuse = (dataDir: string, at: number): Catalog | null => {
  try {
    return openCatalog({ dataDir, now: () => at, uncleanStart: true })
  } catch (error) {
    expect(error).toMatchObject({ code: 'CATALOG_TOO_NEW' })
    return null
  }
}

const newest = migrations.at(-1)?.id ?? 0
const next: Migration = { id: newest + 1, up: (db) => db.exec('CREATE TABLE second (x INTEGER) STRICT') }
const failing: Migration = {
  id: newest + 1,
  up: (db) => {
    db.exec('CREATE TABLE second (x INTEGER) STRICT')
    throw new Error('the power went out')
  },
}

describe('the catalog', () => {
  it('writes safely: WAL, full sync, foreign keys', () => {
    const { db } = open(tempDir())
    expect([
      db.pragma('journal_mode', { simple: true }),
      db.pragma('synchronous', { simple: true }),
      db.pragma('foreign_keys', { simple: true }),
    ]).toEqual(['wal', 2, 1])
  })

  it('keeps what was written over a restart', () => {
    const dataDir = tempDir()
    const first = open(dataDir)
    createFolderRepository(first.db).add('/models', 1)
    first.close()
    expect(createFolderRepository(open(dataDir).db).list()).toEqual([{ path: '/models', addedAt: 1, lastScanAt: null }])
  })

  it('makes a backup before it changes an existing schema', () => {
    const dataDir = tempDir()
    open(dataDir).close()
    open(dataDir, [...migrations, next]).close()
    const backups = readdirSync(join(dataDir, 'backups')).filter((name) => name.endsWith('.sqlite'))
    expect(backups).toHaveLength(1)
    const backup = new Database(join(dataDir, 'backups', String(backups[0])), { readonly: true })
    expect(schemaVersion(backup)).toBe(newest)
    backup.close()
  })

  it('has the files of the first version read anew, and keeps their keys', () => {
    const dataDir = tempDir()
    const old = open(dataDir, migrations.slice(0, 1))
    old.db
      .prepare(
        `INSERT INTO artifact (key, path, files, size_bytes, modified_at, format, name)
         VALUES ('k', '/m/a.gguf', '[{"path":"/m/a.gguf","sizeBytes":5,"modifiedAt":77}]', 5, 77, 'GGUF', 'A')`,
      )
      .run()
    old.close()
    const rows = open(dataDir).db.prepare('SELECT key, files, modified_at FROM artifact').all()
    expect(rows).toEqual([{ key: 'k', files: '[{"path":"/m/a.gguf","sizeBytes":5,"modifiedAt":0}]', modified_at: 0 }])
  })

  it('leaves the old schema whole when a step fails', () => {
    const dataDir = tempDir()
    open(dataDir).close()
    expect(() => open(dataDir, [...migrations, failing])).toThrow('the power went out')
    const { db } = open(dataDir)
    expect(schemaVersion(db)).toBe(newest)
    expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'second'").pluck().get()).toBe(0)
  })

  it('refuses a catalog of a newer Berth and does not touch it', () => {
    const dataDir = tempDir()
    open(dataDir, [...migrations, next]).close()
    const before = readFileSync(join(dataDir, 'catalog.sqlite'))
    expect(() => open(dataDir)).toThrow(expect.objectContaining({ code: 'CATALOG_TOO_NEW' }))
    expect(readFileSync(join(dataDir, 'catalog.sqlite')).equals(before)).toBe(true)
  })

  it('puts a damaged file aside and takes the backup instead', async () => {
    const dataDir = tempDir()
    await filled(dataDir)
    const file = join(dataDir, 'catalog.sqlite')
    writeFileSync(file, Buffer.alloc(statSync(file).size, 0x5a))
    const catalog = open(dataDir)
    expect(catalog.recovery).toContain('the backup')
    expect(createFolderRepository(catalog.db).list()).toHaveLength(200)
    expect(readdirSync(dataDir).some((name) => name.startsWith('catalog.sqlite.damaged-'))).toBe(true)
  })

  it('does not restore a backup whose content changed', async () => {
    const dataDir = tempDir()
    await filled(dataDir)
    const [backup] = readdirSync(join(dataDir, 'backups')).filter((name) => name.endsWith('.sqlite'))
    const path = join(dataDir, 'backups', String(backup))
    const bytes = readFileSync(path)
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1
    writeFileSync(path, bytes)
    truncateSync(join(dataDir, 'catalog.sqlite'), 1000)
    const catalog = open(dataDir)
    expect(catalog.recovery).toContain('a new one was started')
    expect(existsSync(path)).toBe(true)
  })

  it('survives random damage without a crash and without losing a file', async () => {
    const seed = Number(process.env.BERTH_SEED ?? 1)
    const rounds = Number(process.env.BERTH_DAMAGES ?? 150)
    let state = seed
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state % below
    }
    const master = tempDir()
    await filled(master)
    const original = readFileSync(join(master, 'catalog.sqlite'))
    for (let round = 0; round < rounds; round++) {
      const dataDir = tempDir()
      const bytes = Buffer.from(original)
      const damages = 1 + random(30)
      for (let n = 0; n < damages; n++) bytes[random(bytes.length)] = random(256)
      writeFileSync(join(dataDir, 'catalog.sqlite'), random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes)
      copyFileSync(join(dataDir, 'catalog.sqlite'), join(dataDir, 'before'))
      const catalog = openOrRefuse(dataDir, round)
      if (!catalog) continue // the damage made the version number larger; nothing was touched
      createFolderRepository(catalog.db).list()
      if (catalog.recovery) {
        expect(
          readFileSync(join(dataDir, `catalog.sqlite.damaged-${round}`)).equals(readFileSync(join(dataDir, 'before'))),
          `seed ${seed}, round ${round}`,
        ).toBe(true)
      }
      catalog.close()
    }
  })
})
