import type { Job } from '../../shared/contract/jobs.ts'
import type { CatalogDatabase } from './database.ts'

/** What of a job outlives its process. */
export type StoredJob = Omit<Job, 'progress' | 'cancellable'>

type Row = Omit<StoredJob, 'error'> & { error: string | null }

const columns =
  'job, kind, subject, state, result, error, created_at AS createdAt, started_at AS startedAt, ended_at AS endedAt'

const fromRow = (row: Row): StoredJob => ({ ...row, error: row.error === null ? null : JSON.parse(row.error) })

export const createJobRepository = (db: CatalogDatabase) => {
  const newest = db.prepare<[number], Row>(`SELECT ${columns} FROM job ORDER BY created_at DESC, job DESC LIMIT ?`)
  const one = db.prepare<[string], Row>(`SELECT ${columns} FROM job WHERE job = ?`)
  const upsert = db.prepare(`
    INSERT INTO job (job, kind, subject, state, result, error, created_at, started_at, ended_at)
    VALUES (@job, @kind, @subject, @state, @result, @error, @createdAt, @startedAt, @endedAt)
    ON CONFLICT (job) DO UPDATE SET state = excluded.state, result = excluded.result, error = excluded.error,
      started_at = excluded.started_at, ended_at = excluded.ended_at`)
  const interrupt = db.prepare<[string, number]>(
    `UPDATE job SET state = 'failed', error = ?, ended_at = ? WHERE state IN ('queued', 'running')`,
  )
  const prune = db.prepare<[number]>(
    'DELETE FROM job WHERE created_at < (SELECT created_at FROM job ORDER BY created_at DESC LIMIT 1 OFFSET ?)',
  )
  return {
    newest: (limit: number): StoredJob[] => newest.all(limit).map(fromRow),
    find: (job: string): StoredJob | null => {
      const row = one.get(job)
      return row ? fromRow(row) : null
    },
    save: ({ job, kind, subject, state, result, error, createdAt, startedAt, endedAt }: StoredJob): void =>
      void upsert.run({
        job,
        kind,
        subject,
        state,
        result,
        error: error && JSON.stringify(error),
        createdAt,
        startedAt,
        endedAt,
      }),
    /** What the last process left unfinished. */
    interruptUnfinished: (error: NonNullable<Job['error']>, at: number): void =>
      void interrupt.run(JSON.stringify(error), at),
    keepNewest: (count: number): void => void prune.run(count),
  }
}

export type JobRepository = ReturnType<typeof createJobRepository>
