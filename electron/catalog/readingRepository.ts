import type { HistoryMark } from '../../shared/contract/hardware.ts'
import type { CatalogDatabase } from './database.ts'

/** One step of one device; the mean over the step. Null: nothing was read. */
export interface StoredReading {
  readonly device: string
  readonly at: number
  readonly usedBytes: number | null
  readonly utilization: number | null
  readonly temperatureCelsius: number | null
  readonly powerWatts: number | null
  /** bytes by model */
  readonly owners: Readonly<Record<string, number>>
}

type Row = Omit<StoredReading, 'owners'> & { readonly owners: string | null }

const columns =
  'device, at, used_bytes AS usedBytes, utilization, temperature_celsius AS temperatureCelsius, power_watts AS powerWatts, owners'

const fromRow = (row: Row): StoredReading => ({ ...row, owners: row.owners === null ? {} : JSON.parse(row.owners) })

/** Tiers of one time series by the length of their steps, and the marks that belong on the same axis. */
export const createReadingRepository = (db: CatalogDatabase) => {
  const insert = db.prepare(`
    INSERT OR REPLACE INTO reading (step_ms, device, at, used_bytes, utilization, temperature_celsius, power_watts, owners)
    VALUES (@stepMs, @device, @at, @usedBytes, @utilization, @temperatureCelsius, @powerWatts, @owners)`)
  const between = db.prepare<[number, string, number, number], Row>(
    `SELECT ${columns} FROM reading WHERE step_ms = ? AND device = ? AND at >= ? AND at < ? ORDER BY at`,
  )
  const devicesBetween = db
    .prepare<[number, number, number], string>(
      'SELECT DISTINCT device FROM reading WHERE step_ms = ? AND at >= ? AND at < ?',
    )
    .pluck()
  const prune = db.prepare<[number, string, number]>('DELETE FROM reading WHERE step_ms = ? AND device = ? AND at < ?')
  const allDevices = db.prepare<[number], string>('SELECT DISTINCT device FROM reading WHERE step_ms = ?').pluck()
  const insertMark = db.prepare<HistoryMark>('INSERT OR IGNORE INTO mark (at, kind, label) VALUES (@at, @kind, @label)')
  const marksBetween = db.prepare<[number, number], HistoryMark>(
    'SELECT at, kind, label FROM mark WHERE at >= ? AND at < ? ORDER BY at',
  )
  const pruneMarks = db.prepare<[number]>('DELETE FROM mark WHERE at < ?')
  return {
    save: db.transaction((stepMs: number, readings: readonly StoredReading[]): void => {
      for (const reading of readings) {
        const owners = Object.keys(reading.owners).length > 0 ? JSON.stringify(reading.owners) : null
        insert.run({ ...reading, stepMs, owners })
      }
    }).immediate,
    between: (stepMs: number, device: string, from: number, to: number): StoredReading[] =>
      between.all(stepMs, device, from, to).map(fromRow),
    devicesBetween: (stepMs: number, from: number, to: number): string[] => devicesBetween.all(stepMs, from, to),
    removeBefore: db.transaction((stepMs: number, before: number): void => {
      for (const device of allDevices.all(stepMs)) prune.run(stepMs, device, before)
    }).immediate,
    saveMark: (mark: HistoryMark): void => void insertMark.run(mark),
    marksBetween: (from: number, to: number): HistoryMark[] => marksBetween.all(from, to),
    removeMarksBefore: (before: number): void => void pruneMarks.run(before),
  }
}

export type ReadingRepository = ReturnType<typeof createReadingRepository>
