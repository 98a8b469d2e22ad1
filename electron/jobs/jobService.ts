import { randomUUID } from 'node:crypto'
import { EventPublisher } from '@orpc/server'
import { type Job, JobId, type JobKind, type Transfer } from '../../shared/contract/jobs.ts'
import type { JobRepository, StoredJob } from '../catalog/jobRepository.ts'
import { AppError, messageOf } from '../lib/appError.ts'

interface JobContext {
  readonly signal: AbortSignal
  /** `fraction` 0–1, null when the whole is not known; `text` for people */
  report(fraction: number | null, text: string | null, transfer?: Transfer | null): void
}

/** Does the work; resolves with one sentence for people. */
export type JobWork = (context: JobContext) => Promise<string>

/** Resolves when the work may begin, with what says that it has ended; rejects when the signal is aborted. */
export type JobTurn = (signal: AbortSignal) => Promise<() => void>

export interface JobServiceDeps {
  readonly jobs: JobRepository
  readonly now: () => number
  readonly publish: (job: Job) => void
  /** something other than an AppError was thrown */
  readonly onBug: (error: unknown, job: Job) => void
}

const keptJobs = 500
/** A person cannot read faster. */
const reportEveryMs = 100

async function* once<T>(value: T): AsyncGenerator<T, void, void> {
  yield value
}

const revived = (job: StoredJob): Job => ({ ...job, progress: null, cancellable: false })

/** Tells at once, and again when `reportEveryMs` have passed if it was asked for meanwhile: after a burst it may be silent for long. */
const notMoreOften = (tell: () => void): { readonly ask: () => void; readonly stop: () => void } => {
  let isAsked = false
  let pause: NodeJS.Timeout | null = null
  const ask = (): void => {
    isAsked = pause !== null
    if (isAsked) return
    tell()
    pause = setTimeout(() => {
      pause = null
      if (isAsked) ask()
    }, reportEveryMs)
    pause.unref()
  }
  return {
    ask,
    stop: () => {
      if (pause !== null) clearTimeout(pause)
    },
  }
}

/**
 * Every long operation. queued → running → done | failed | cancelled; a job that was running when its process ended is
 * failed at the next start.
 */
export const createJobService = ({ jobs, now, publish: tellAll, onBug }: JobServiceDeps) => {
  const watched = new EventPublisher<Record<string, Job>>()
  const publish = (job: Job): void => {
    tellAll(job)
    watched.publish(job.job, job)
  }
  const running = new Map<string, { job: Job; controller: AbortController; finished: Promise<void> }>()
  jobs.interruptUnfinished(
    {
      code: 'CANCELLED',
      message: 'Berth was closed before it finished.',
      advice: 'Start it again; a benchmark goes on by itself.',
    },
    now(),
  )
  jobs.keepNewest(keptJobs)
  let closing = false
  let count = 0
  /** Those of one millisecond are listed by their ids: in the order in which they came. */
  const nextId = (): JobId => JobId.parse(`${(count++).toString(16).padStart(8, '0')}-${randomUUID()}`)

  /** @param turn the job is queued until it comes */
  const run = (
    kind: JobKind,
    subject: string,
    work: JobWork,
    turn?: JobTurn,
  ): { job: Job; finished: Promise<void> } => {
    if (closing) throw new AppError('CANCELLED', 'Berth is closing.')
    const controller = new AbortController()
    const first: Job = {
      job: nextId(),
      kind,
      subject,
      state: turn ? 'queued' : 'running',
      progress: null,
      result: null,
      error: null,
      createdAt: now(),
      startedAt: turn ? null : now(),
      endedAt: null,
      cancellable: true,
    }
    const id = first.job
    const set = (change: Partial<Job>): Job => {
      const entry = running.get(id)
      const job = { ...(entry?.job ?? first), ...change }
      if (entry) entry.job = job
      return job
    }
    const telling = notMoreOften(() => {
      const entry = running.get(id)
      if (entry) publish(entry.job)
    })
    const end = (change: Partial<Job>): void => {
      telling.stop()
      const job = set({ ...change, endedAt: now(), cancellable: false })
      running.delete(id)
      try {
        jobs.save(job)
      } catch (error) {
        onBug(error, job) // a full disk must not keep those who wait for its end waiting
      }
      publish(job)
    }
    const report: JobContext['report'] = (fraction, text, transfer = null) => {
      const bounded = fraction === null ? null : Math.min(1, Math.max(0, fraction))
      set({ progress: { fraction: bounded, text, transfer } })
      telling.ask()
    }
    const inTurn = async (wait: JobTurn): Promise<string> => {
      const leave = await wait(controller.signal)
      try {
        const job = set({ state: 'running', startedAt: now() })
        jobs.save(job)
        publish(job)
        return await work({ signal: controller.signal, report })
      } finally {
        leave()
      }
    }
    jobs.save(first) // before the work, which nobody could see or end without it
    const finished = Promise.resolve().then(async () => {
      try {
        end({ state: 'done', result: await (turn ? inTurn(turn) : work({ signal: controller.signal, report })) })
      } catch (error) {
        if (controller.signal.aborted || (error instanceof AppError && error.code === 'CANCELLED'))
          return end({ state: 'cancelled' })
        if (!(error instanceof AppError)) onBug(error, first)
        const known = error instanceof AppError ? error : new AppError('INTERNAL', messageOf(error))
        end({ state: 'failed', error: { code: known.code, message: known.message, advice: known.advice } })
      }
    })
    running.set(id, { job: first, controller, finished })
    publish(first)
    return { job: first, finished }
  }

  async function* follow(entry: { readonly job: Job }, signal: AbortSignal | undefined) {
    const { job: first } = entry
    const changes = watched.subscribe(first.job, { ...(signal && { signal }) })
    try {
      yield first
      if (first.endedAt !== null) return // between the question and its first word
      for await (const job of changes) {
        yield job
        if (job.endedAt !== null) return
      }
    } finally {
      await changes.return?.() // who leaves after the first word has not begun to read the others
    }
  }

  return {
    run,

    /** Running ones with their progress, then finished ones; newest first. */
    list: (limit: number): Job[] => jobs.newest(limit).map((job) => running.get(job.job)?.job ?? revived(job)),

    /**
     * The job as it is, then each change of it, its end last.
     * @throws AppError JOB_NOT_FOUND, before a stream begins
     */
    watch: (id: JobId, signal: AbortSignal | undefined): AsyncGenerator<Job, void, void> => {
      const entry = running.get(id)
      if (entry) return follow(entry, signal)
      const stored = jobs.find(id)
      if (!stored) throw new AppError('JOB_NOT_FOUND', `There is no job ${id}.`)
      return once(revived(stored))
    },
    /** Jobs that somebody watches now. */
    watchers: (): number => watched.size,

    /** Asks it to stop and resolves when it has. */
    cancel: async (id: JobId): Promise<Job> => {
      const entry = running.get(id)
      if (!entry) {
        throw jobs.find(id) ? new AppError('JOB_FINISHED') : new AppError('JOB_NOT_FOUND', `There is no job ${id}.`)
      }
      entry.controller.abort()
      await entry.finished
      const job = jobs.find(id)
      return job ? revived(job) : entry.job
    },

    /** Ends all of them; none is begun from here on. */
    close: async (): Promise<void> => {
      closing = true
      for (const { controller } of running.values()) controller.abort()
      await Promise.all([...running.values()].map((entry) => entry.finished))
    },
  }
}

export type JobService = ReturnType<typeof createJobService>
