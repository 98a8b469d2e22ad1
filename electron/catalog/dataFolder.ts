import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { AppError, messageOf } from '../lib/appError.ts'

const Holder = z.object({
  pid: z.number(),
  host: z.enum(['desktop', 'headless']),
  startedAt: z.number(),
  address: z.string().nullable(),
})
/** Who writes to a data folder now. */
export type Holder = z.infer<typeof Holder>

export interface DataFolder {
  readonly path: string
  /** the process before us ended without closing */
  readonly uncleanStart: boolean
  /** Tells a second start where we answer. */
  announce(address: string): void
  release(): void
}

/**
 * Takes the data folder for this process: one writer at a time, desktop or headless.
 *
 * The lock is an exclusive SQLite transaction on a file of its own, so the operating system drops it when the process
 * dies, however it dies. `holder.json` beside it only names the holder.
 * @throws AppError DATA_FOLDER_BUSY with the holder's pid and address, DATA_FOLDER_UNUSABLE
 */
export const takeDataFolder = (path: string, host: Holder['host'], now: () => number): DataFolder => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw new AppError('DATA_FOLDER_UNUSABLE', `The data folder ${path} cannot be used: ${messageOf(error)}.`, {
      cause: error,
    })
  }
  const holderFile = join(path, 'holder.json')
  const lock = openLock(path, holderFile)
  const uncleanStart = readHolder(holderFile) !== null
  const holder: Holder = { pid: process.pid, host, startedAt: now(), address: null }
  const write = (value: Holder) => writeFileSync(holderFile, `${JSON.stringify(value)}\n`, { mode: 0o600 })
  write(holder)
  return {
    path,
    uncleanStart,
    announce: (address) => write({ ...holder, address }),
    release: () => {
      rmSync(holderFile, { force: true })
      lock.close()
    },
  }
}

const openLock = (path: string, holderFile: string): Database.Database => {
  let lock: Database.Database | null = null
  try {
    lock = new Database(join(path, 'lock.sqlite'), { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) {
      throw new AppError('DATA_FOLDER_UNUSABLE', `The data folder ${path} cannot be locked: ${messageOf(error)}.`, {
        cause: error,
      })
    }
    const holder = readHolder(holderFile)
    const who = holder
      ? `${holder.host === 'desktop' ? 'The Berth window' : 'A headless Berth'} (process ${holder.pid})`
      : 'Another Berth'
    const where = holder?.address ? ` and answers at ${holder.address}` : ''
    throw new AppError('DATA_FOLDER_BUSY', `${who} uses the data folder ${path}${where}.`, {
      details: { dataDir: path, pid: holder?.pid ?? null, address: holder?.address ?? null },
      cause: error,
    })
  }
}

const readHolder = (file: string): Holder | null => {
  try {
    return Holder.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null // absent or half-written: nobody to name
  }
}
