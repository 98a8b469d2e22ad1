import type { BenchmarkTrend, Comparison, FastestModel } from '../../shared/contract/benchmarkAnswers.ts'
import type { BenchmarkId, BenchmarkKind, BenchmarkRequest } from '../../shared/contract/benchmarkSettings.ts'
import type {
  Benchmark,
  BenchmarkFormat,
  BenchmarkPlan,
  BenchmarkSample,
  BenchmarkWithResults,
} from '../../shared/contract/benchmarks.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { BenchmarkRepository } from '../catalog/benchmarkRepository.ts'
import { AppError } from '../lib/appError.ts'
import type { BenchmarkRuns } from './benchmarkRuns.ts'
import { compareRuns } from './compare/compareRuns.ts'
import { type FastestDeps, fastestModels } from './compare/fastest.ts'
import { trendsOf } from './compare/trends.ts'
import { exportBenchmarks } from './exchange/exportBenchmarks.ts'
import { createTakeIn } from './exchange/takeIn.ts'
import { unpackSamples } from './packSamples.ts'
import { checkConsent, type PlanFacts, planRun } from './plan/plan.ts'
import { createPause } from './turns.ts'

export interface BenchmarkServiceDeps {
  readonly repository: BenchmarkRepository
  readonly runs: BenchmarkRuns
  /** @throws AppError MODEL_NOT_FOUND */
  readonly factsOf: (model: ModelId) => PlanFacts
  /** @throws AppError BUSY */
  readonly checkFree: (model: ModelId) => void
  /** of models that were measured: can it be asked now, and what would it need with other options */
  readonly fastest: FastestDeps
  readonly publish: (changed: Benchmark[], removed: BenchmarkId[]) => void
  readonly now: () => number
}

interface BenchmarkFilter {
  readonly model?: string | undefined
  readonly kind?: BenchmarkKind | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

const shownRuns = 200
/** of one model, the newest */
const comparedRuns = 200
/** pairs of model and options, fastest first: more than anybody measures */
const mostSpeeds = 2000

export interface FastestQuery {
  readonly memoryBytes?: number | undefined
  readonly contextLength?: number | undefined
  readonly limit?: number | undefined
}

/** Measures models, keeps what was measured, and answers from it. */
export const createBenchmarkService = ({ repository, runs, publish, ...deps }: BenchmarkServiceDeps) => {
  const samplesOf = async (id: BenchmarkId, position: number): Promise<BenchmarkSample[]> => {
    const packed = repository.samples(runs.find(id).benchmark, position)
    if (!packed) throw new AppError('BENCHMARK_NOT_FOUND', `Benchmark ${id} has no result ${position}.`)
    return unpackSamples(packed)
  }
  /** Null: there are none, or they cannot be read any more. */
  const loadSamples = async (id: BenchmarkId, position: number): Promise<BenchmarkSample[] | null> => {
    const packed = repository.samples(id, position)
    return packed && unpackSamples(packed).catch(() => null)
  }
  const readAll = async (ids: readonly BenchmarkId[]): Promise<BenchmarkWithResults[]> => {
    const pause = createPause()
    const all: BenchmarkWithResults[] = []
    for (const id of new Set(ids)) {
      all.push(runs.read(id))
      await pause()
    }
    return all
  }
  const takeIn = createTakeIn(repository, deps.now)
  const plan = (request: BenchmarkRequest): BenchmarkPlan => planRun(request, deps.factsOf(request.model))

  return {
    list: ({ limit = shownRuns, offset = 0, ...filter }: BenchmarkFilter): Benchmark[] =>
      repository.list({ ...filter, limit, offset }),

    /** @throws AppError BENCHMARK_NOT_FOUND */
    get: runs.read,

    /** @throws AppError BENCHMARK_NOT_FOUND */
    samples: samplesOf,

    /** @throws AppError MODEL_NOT_FOUND, VERB_NOT_SUPPORTED */
    plan,

    /** @throws AppError MODEL_NOT_FOUND, VERB_NOT_SUPPORTED, COST_NOT_ACCEPTED, BUSY */
    start: (request: BenchmarkRequest): Benchmark => {
      const planned = plan(request)
      checkConsent(planned, request.acceptedUsd)
      if (!runs.isMeasured(request.model)) deps.checkFree(request.model)
      return runs.start(request, planned)
    },

    watch: runs.watch,
    watchers: runs.watchers,
    resume: runs.resume,
    close: runs.close,

    /** All of them or none. @throws AppError BENCHMARK_NOT_FOUND, BUSY */
    remove: (ids: readonly BenchmarkId[]): BenchmarkId[] => {
      const all = [...new Set(ids)]
      for (const { benchmark, state } of all.map(runs.find))
        if (state === 'queued' || state === 'running')
          throw new AppError('BUSY', `Benchmark ${benchmark} has not ended.`, { advice: 'Cancel it first.' })
      repository.remove(all)
      publish([], all)
      return all
    },

    /** @throws AppError BENCHMARK_NOT_FOUND, TOO_LARGE */
    export: async (ids: readonly BenchmarkId[], format: BenchmarkFormat) =>
      exportBenchmarks(format, await readAll(ids), samplesOf),

    /** What there is of them. @throws AppError BENCHMARK_NOT_FOUND when none is there */
    compare: async (
      ids: readonly BenchmarkId[],
    ): Promise<{ runs: BenchmarkWithResults[]; comparisons: Comparison[]; gone: BenchmarkId[] }> => {
      const gone = [...new Set(ids)].filter((id) => repository.find(id) === null)
      const all = await readAll(gone.length === new Set(ids).size ? ids : ids.filter((id) => !gone.includes(id)))
      return { runs: all, comparisons: await compareRuns(all, loadSamples), gone }
    },

    history: async (model: ModelId): Promise<{ trends: BenchmarkTrend[] }> => ({
      trends: await trendsOf(
        repository.ofModel(model, comparedRuns),
        ({ benchmark }) => repository.results(benchmark),
        loadSamples,
      ),
    }),

    fastest: ({ memoryBytes, contextLength, limit = 20 }: FastestQuery): { models: FastestModel[] } => {
      const question = { memoryBytes: memoryBytes ?? null, contextLength: contextLength ?? null }
      const speeds = repository.fastest({ ...question, limit: mostSpeeds })
      return { models: fastestModels(speeds, { ...question, limit }, deps.fastest) }
    },

    /** @throws AppError FILE_INVALID */
    import: async (
      text: string,
      label: string | null,
    ): Promise<{ benchmarks: Benchmark[]; already: number; skipped: string[] }> => {
      const { taken, already, skipped } = await takeIn(text, label)
      const benchmarks = taken.map(runs.find)
      if (benchmarks.length > 0) publish(benchmarks, [])
      return { benchmarks, already, skipped }
    },
  }
}

export type BenchmarkService = ReturnType<typeof createBenchmarkService>
