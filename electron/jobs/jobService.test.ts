import { once } from 'node:events'
import Database from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import type { Job, JobId } from '../../shared/contract/jobs.ts'
import { patience } from '../../test/support/patience.ts'
import { createJobRepository } from '../catalog/jobRepository.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { AppError } from '../lib/appError.ts'
import { createJobService, type JobWork } from './jobService.ts'

const start = (now = Date.now) => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  const published: Job[] = []
  const bugs: unknown[] = []
  const repository = createJobRepository(db)
  const disk = { full: false }
  const save = (job: Parameters<typeof repository.save>[0]) => {
    if (disk.full) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
    repository.save(job)
  }
  const service = createJobService({
    jobs: { ...repository, save },
    now,
    publish: (job) => void published.push(job),
    onBug: (error) => void bugs.push(error),
  })
  return { service, published, bugs, disk, repository }
}
/** It may be cancelled before it has begun. */
const untilAborted: JobWork = async ({ signal }) => {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}
const states = (jobs: readonly Job[]) => jobs.map(({ state }) => state)

describe('a job', () => {
  it('runs and ends once: with its result, its reason, or because it was cancelled', async () => {
    const { service, published, bugs } = start()
    await service.run('load', 'one/a', async () => 'Loaded').finished
    await service.run('load', 'one/b', async () => {
      throw new AppError('LOAD_FAILED', 'no such tokenizer')
    }).finished
    const { job } = service.run('load', 'one/c', untilAborted)
    expect(await service.cancel(job.job)).toMatchObject({ state: 'cancelled', cancellable: false, error: null })
    expect(states(published)).toEqual(['running', 'done', 'running', 'failed', 'running', 'cancelled'])
    expect(published[3]?.error).toMatchObject({ code: 'LOAD_FAILED', message: 'no such tokenizer' })
    expect(bugs).toEqual([])
    await expect(service.cancel(job.job)).rejects.toMatchObject({ code: 'JOB_FINISHED' })
  })

  it('is listed before those that came earlier, also in the same millisecond', async () => {
    const { service } = start(() => 1)
    const subjects = Array.from({ length: 20 }, (_, index) => `one/${index}`)
    const all = subjects.map((subject) => service.run('load', subject, async () => 'Loaded').finished)
    expect(service.list(20).map(({ subject }) => subject)).toEqual(subjects.toReversed())
    await Promise.all(all)
    expect(service.list(2).map(({ subject }) => subject)).toEqual(['one/19', 'one/18'])
  })

  it('is not begun where it cannot be written down', async () => {
    const { service, disk, published } = start()
    const work = vi.fn<JobWork>(async () => 'done')
    disk.full = true
    expect(() => service.run('pull', 'one/a', work)).toThrow('full')
    await new Promise(setImmediate)
    expect(work).not.toHaveBeenCalled()
    expect(published).toEqual([])
    await service.close()
  })

  it('ends for everybody who watches when its end cannot be written down', async () => {
    const { service, disk, published, bugs } = start()
    const { finished } = service.run('pull', 'one/a', async () => {
      disk.full = true
      return 'Pulled'
    })
    await finished
    expect(states(published)).toEqual(['running', 'done'])
    expect(bugs).toHaveLength(1)
    await service.close()
  })

  it('is not begun any more when Berth closes, and those that run are waited for', async () => {
    const { service, published } = start()
    service.run('load', 'one/a', untilAborted)
    const closing = service.close()
    expect(() => service.run('load', 'one/b', async () => 'late')).toThrow('closing')
    await closing
    expect(states(published)).toEqual(['running', 'cancelled'])
  })

  it('is watched from what it is until its end, and by nobody afterwards', async () => {
    const { service } = start()
    const { promise, resolve } = Promise.withResolvers<string>()
    const { job } = service.run('load', 'one/a', () => promise)
    const watched = service.watch(job.job, undefined)
    expect((await watched.next()).value).toMatchObject({ state: 'running' })
    resolve('Loaded')
    expect((await watched.next()).value).toMatchObject({ state: 'done', result: 'Loaded' })
    expect((await watched.next()).done).toBe(true)
    expect((await service.watch(job.job, undefined).next()).value).toMatchObject({ state: 'done' })
    expect(() => service.watch('nobody' as JobId, undefined)).toThrow(
      expect.objectContaining({ code: 'JOB_NOT_FOUND' }),
    )
    expect(service.watchers()).toBe(0)
  })

  it('that ends before its watcher begins to read is told with its end', async () => {
    const { service } = start()
    const { job, finished } = service.run('load', 'one/a', async () => 'Loaded')
    const watched = service.watch(job.job, undefined)
    await finished
    expect((await watched.next()).value).toMatchObject({ state: 'done' })
    expect((await watched.next()).done).toBe(true)
    expect(service.watchers()).toBe(0)
  })

  it('that waits for its turn is queued, runs when it comes, and gives its place back however it ends', async () => {
    const { service, published, repository } = start()
    const place = Promise.withResolvers<void>()
    const left: string[] = []
    const turn = async () => {
      await place.promise
      return () => void left.push('left')
    }
    const { job, finished } = service.run('benchmark', 'one/a', async () => 'Measured', turn)
    expect(job).toMatchObject({ state: 'queued', startedAt: null, cancellable: true })
    expect(repository.find(job.job)).toMatchObject({ state: 'queued', startedAt: null })
    place.resolve()
    await finished
    expect(states(published)).toEqual(['queued', 'running', 'done'])
    expect(published[1]?.startedAt).toEqual(expect.any(Number))
    const failing = service.run('benchmark', 'one/a', () => Promise.reject(new AppError('LOAD_FAILED')), turn)
    await failing.finished
    expect(repository.find(failing.job.job)).toMatchObject({ state: 'failed', error: { code: 'LOAD_FAILED' } })
    expect(left).toEqual(['left', 'left'])
  })

  it('that waits for its turn is cancelled without having begun', async () => {
    const { service, published } = start()
    const work = vi.fn<JobWork>(async () => 'never')
    const turn = async (signal: AbortSignal): Promise<() => void> => {
      if (!signal.aborted) await once(signal, 'abort')
      throw signal.reason
    }
    const { job } = service.run('benchmark', 'one/a', work, turn)
    expect(await service.cancel(job.job)).toMatchObject({ state: 'cancelled', startedAt: null })
    expect(work).not.toHaveBeenCalled()
    expect(states(published)).toEqual(['queued', 'cancelled'])
  })

  it('whose turn comes when nothing can be written down is not begun, and gives its place back', async () => {
    const { service, disk, bugs } = start()
    const [work, leave] = [vi.fn<JobWork>(async () => 'never'), vi.fn()]
    const { finished } = service.run('benchmark', 'one/a', work, async () => {
      disk.full = true
      return leave
    })
    await finished
    expect(work).not.toHaveBeenCalled()
    expect(leave).toHaveBeenCalledOnce()
    expect(bugs.length).toBeGreaterThan(0)
  })

  it('says at once what it does, and the last word of a burst though nothing comes after it', async () => {
    const { service, published } = start()
    const { promise, resolve } = Promise.withResolvers<string>()
    const { finished } = service.run('pull', 'one/a', ({ report }) => {
      for (const text of ['first', 'second', 'third']) report(null, text)
      return promise
    })
    const told = () => published.map(({ progress }) => progress?.text ?? null)
    await vi.waitFor(() => expect(told()).toEqual([null, 'first', 'third']), patience)
    resolve('Pulled')
    await finished
    expect(told()).toEqual([null, 'first', 'third', 'third'])
  })

  it('is left by a watcher at each of its moments', async () => {
    const { service } = start()
    const { job } = service.run('load', 'one/a', untilAborted)
    for (const moments of [0, 1]) {
      const leaving = new AbortController()
      const watched = service.watch(job.job, leaving.signal)
      for (let moment = 0; moment < moments; moment++) await watched.next()
      leaving.abort()
      await watched.return()
    }
    const watched = service.watch(job.job, undefined)
    await watched.next()
    await watched.return()
    expect(service.watchers()).toBe(0)
    await service.close()
  })
})
