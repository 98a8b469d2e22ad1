import { randomUUID } from 'node:crypto'
import { BenchmarkId, type BenchmarkRequest } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkPlan, BenchmarkWithResults } from '../../shared/contract/benchmarks.ts'
import type { Job } from '../../shared/contract/jobs.ts'
import { splitModelId } from '../../shared/modelId.ts'
import type { BenchmarkRepository } from '../catalog/benchmarkRepository.ts'
import { AppError, messageOf } from '../lib/appError.ts'
import type { Lanes } from './lanes.ts'
import type { StoredBenchmark } from './runner.ts'
import {
  createExecution,
  type ExecutionContext,
  type ExecutionDeps,
  type RunBook,
  toRunError,
} from './runningBenchmark.ts'
import { createRunWatch } from './runWatch.ts'

export interface BenchmarkRunsDeps extends ExecutionDeps {
  readonly repository: BenchmarkRepository
  readonly lanes: Lanes
  /** the devices that a run may use */
  readonly devices: (run: Pick<StoredBenchmark, 'provider' | 'options' | 'settings'>) => readonly string[]
  /** Runs it as a job that is queued until its turn. @throws AppError CANCELLED: Berth is closing */
  readonly runJob: (
    model: string,
    work: (context: ExecutionContext) => Promise<string>,
    turn: (signal: AbortSignal) => Promise<() => void>,
  ) => Job
  readonly publish: (changed: Benchmark[], removed: BenchmarkId[]) => void
  readonly onBegin: (model: string) => void
  /** tokens/s of one answer with nothing before it, of a run that ended */
  readonly onSpeed: (model: string, tokensPerSecond: number) => void
  /** what nobody foresaw, or what could not be written down */
  readonly onBug: (error: unknown, benchmark: BenchmarkId) => void
}

interface Live {
  run: StoredBenchmark
  stopped: 'cancelled' | 'closing' | null
}

const tellEveryMs = 300
/** Each is kept until its turn, over restarts too. */
const mostWaiting = 200

/**
 * Runs from their question to their end: queued → running → done | failed | cancelled, stored at each step. What Berth was
 * closed over stays as it is, and goes on at the next start.
 */
export const createBenchmarkRuns = (deps: BenchmarkRunsDeps) => {
  const { repository, lanes, now } = deps
  const live = new Map<BenchmarkId, Live>()
  /** their end could not be written down */
  const lost = new Set<BenchmarkId>()
  const execute = createExecution(deps)
  let closing = false

  const find = (id: BenchmarkId): Benchmark => {
    const run = repository.find(id)
    if (!run) throw new AppError('BENCHMARK_NOT_FOUND', `There is no benchmark ${id}.`)
    return run
  }
  const read = (id: BenchmarkId): BenchmarkWithResults => ({ benchmark: find(id), results: repository.results(id) })
  const watch = createRunWatch<BenchmarkWithResults>({
    read: (id) => read(BenchmarkId.parse(id)),
    isOver: ({ benchmark }) => benchmark.endedAt !== null || closing || lost.has(benchmark.benchmark),
    everyMs: tellEveryMs,
  })

  const told = (id: BenchmarkId): void => {
    deps.publish([find(id)], [])
    watch.changed(id)
  }

  const bookOf = (entry: Live): RunBook => ({
    run: () => entry.run,
    set: (change) => {
      entry.run = { ...entry.run, ...change }
      repository.save(entry.run)
      told(entry.run.benchmark)
    },
    results: () => repository.results(entry.run.benchmark),
    addResult: (result, samples) => {
      repository.addResult(entry.run.benchmark, result, samples)
      told(entry.run.benchmark)
    },
    isClosing: () => entry.stopped === 'closing',
  })

  const tellSpeed = ({ benchmark, model }: StoredBenchmark): void => {
    const first = repository.results(benchmark).find(({ test }) => test.type === 'generation' && test.depth === 0)
    if (first) deps.onSpeed(model, first.statistics.mean)
  }

  const end = (entry: Live, change: Pick<StoredBenchmark, 'state' | 'error'>): void => {
    const { benchmark } = entry.run
    live.delete(benchmark)
    try {
      bookOf(entry).set({ ...change, job: null, endedAt: now() })
      tellSpeed(entry.run)
    } catch (error) {
      deps.onBug(error, benchmark) // a full disk: it goes on at the next start
      lost.add(benchmark)
      watch.changed(benchmark)
    }
  }

  const endFailed = (entry: Live, error: unknown): void => {
    if (entry.stopped === 'closing') {
      live.delete(entry.run.benchmark)
      watch.changed(entry.run.benchmark)
      return
    }
    const known = toRunError(error)
    const isCancelled = entry.stopped === 'cancelled' || known?.code === 'CANCELLED'
    const { code, message, advice } = known ?? new AppError('INTERNAL', messageOf(error))
    end(
      entry,
      isCancelled ? { state: 'cancelled', error: null } : { state: 'failed', error: { code, message, advice } },
    )
  }

  const work = async (entry: Live, context: ExecutionContext): Promise<string> => {
    const { run } = entry
    try {
      bookOf(entry).set({ state: 'running', startedAt: run.startedAt ?? now() })
      deps.onBegin(run.model)
      const text = await execute(bookOf(entry), context)
      end(entry, { state: 'done', error: null })
      return text
    } catch (error) {
      endFailed(entry, error)
      throw toRunError(error) ?? error
    }
  }

  const turn = async (entry: Live, signal: AbortSignal): Promise<() => void> => {
    const note = (): void => {
      entry.stopped ??= closing ? 'closing' : 'cancelled'
    }
    signal.addEventListener('abort', note)
    if (signal.aborted) note()
    try {
      return await lanes.turn(deps.devices(entry.run), signal)
    } catch (error) {
      endFailed(entry, error)
      throw error
    }
  }

  /** Queues it, as a new job. */
  const queue = (run: StoredBenchmark): Benchmark => {
    const entry: Live = { run: { ...run, state: 'queued' }, stopped: null }
    live.set(run.benchmark, entry)
    try {
      repository.save(entry.run) // before the job, which nobody could find it by without
      const { job } = deps.runJob(
        run.model,
        (context) => work(entry, context),
        (signal) => turn(entry, signal),
      )
      bookOf(entry).set({ job })
    } catch (error) {
      live.delete(run.benchmark)
      throw error
    }
    return find(run.benchmark)
  }

  return {
    find,
    read,

    start: (request: BenchmarkRequest, plan: BenchmarkPlan): Benchmark => {
      if (closing) throw new AppError('CANCELLED', 'Berth is closing.')
      if (live.size >= mostWaiting)
        throw new AppError('BUSY', `${mostWaiting} benchmarks are waiting already.`, {
          advice: 'Wait, or cancel some.',
        })
      return queue({
        benchmark: BenchmarkId.parse(randomUUID()),
        job: null,
        kind: plan.kind,
        model: request.model,
        provider: splitModelId(request.model)?.provider ?? '',
        preset: plan.preset,
        label: request.label?.trim() || null,
        source: 'berth',
        state: 'queued',
        error: null,
        settings: plan.settings,
        options: request.options ?? {},
        record: null,
        disturbances: [],
        createdAt: now(),
        startedAt: null,
        endedAt: null,
        budgetSeconds: plan.budgetSeconds,
        acceptedUsd: plan.needsConsent ? (request.acceptedUsd ?? 0) : null,
      })
    },

    /** Does a run of this model wait or run? */
    isMeasured: (model: string): boolean => [...live.values()].some(({ run }) => run.model === model),

    /** What the last process did not finish, in its order, each from where it stopped. */
    resume: (): void => {
      for (const run of repository.unfinished()) if (!live.has(run.benchmark) && !closing) queue(run)
    },

    /** The run as it is, then each time it changed, its end last. @throws AppError BENCHMARK_NOT_FOUND, before a stream begins */
    watch: (id: BenchmarkId, signal: AbortSignal): AsyncGenerator<BenchmarkWithResults, void, void> => {
      find(id)
      return watch.follow(id, signal)
    },
    watchers: watch.watchers,

    /** Jobs that are aborted from here on were not cancelled by a person. */
    close: (): void => {
      closing = true
    },
  }
}
export type BenchmarkRuns = ReturnType<typeof createBenchmarkRuns>
