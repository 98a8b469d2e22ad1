import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { z } from 'zod'
import {
  type Benchmark,
  type BenchmarkFormat,
  type BenchmarkId,
  type BenchmarkKind,
  type BenchmarkPlan,
  type BenchmarkRequest,
  BenchmarkSample,
  type BenchmarkTrend,
  type BenchmarkWithResults,
  type Comparison,
  type FastestModel,
} from '../../shared/contract/benchmarks.ts'
import type { BenchmarkRepository } from '../catalog/benchmarkRepository.ts'
import { AppError } from '../lib/appError.ts'

export interface FastestQuery {
  readonly memoryBytes?: number | undefined
  readonly contextLength?: number | undefined
  readonly limit?: number | undefined
}

/** What is made of runs that are stored. */
export interface BenchmarkReports {
  readonly compare: (
    ids: readonly BenchmarkId[],
  ) => Promise<{ runs: BenchmarkWithResults[]; comparisons: Comparison[] }>
  readonly history: (model: string) => Promise<{ trends: BenchmarkTrend[] }>
  readonly fastest: (query: FastestQuery) => Promise<{ models: FastestModel[] }>
  readonly export: (
    ids: readonly BenchmarkId[],
    format: BenchmarkFormat,
  ) => Promise<{ fileName: string; mediaType: string; text: string }>
  readonly import: (text: string, label: string | null) => Promise<{ benchmarks: Benchmark[]; skipped: string[] }>
}

export interface BenchmarkServiceDeps extends BenchmarkReports {
  readonly repository: BenchmarkRepository
  readonly plan: (request: BenchmarkRequest) => BenchmarkPlan
  readonly start: (request: BenchmarkRequest) => Benchmark
  readonly watch: (id: BenchmarkId, signal: AbortSignal) => AsyncGenerator<BenchmarkWithResults, void, void>
  readonly publish: (changed: Benchmark[], removed: BenchmarkId[]) => void
}

interface BenchmarkFilter {
  readonly model?: string | undefined
  readonly kind?: BenchmarkKind | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

const unpacked = promisify(gunzip)
const Samples = z.array(BenchmarkSample)
/** More than any result may hold; what is larger was not written by Berth. */
const mostSampleBytes = 64 << 20
const shownRuns = 200

/** Measures models, keeps what was measured, and answers from it. */
export const createBenchmarkService = (deps: BenchmarkServiceDeps) => {
  const { repository, publish } = deps

  const find = (id: BenchmarkId): Benchmark => {
    const run = repository.find(id)
    if (!run) throw new AppError('BENCHMARK_NOT_FOUND', `There is no benchmark ${id}.`)
    return run
  }

  return {
    list: ({ limit = shownRuns, ...filter }: BenchmarkFilter): Benchmark[] => repository.list({ ...filter, limit }),

    /** @throws AppError BENCHMARK_NOT_FOUND */
    get: (id: BenchmarkId): BenchmarkWithResults => ({ benchmark: find(id), results: repository.results(id) }),

    /** @throws AppError BENCHMARK_NOT_FOUND */
    samples: async (id: BenchmarkId, position: number): Promise<BenchmarkSample[]> => {
      const packed = repository.samples(find(id).benchmark, position)
      if (!packed) throw new AppError('BENCHMARK_NOT_FOUND', `Benchmark ${id} has no result ${position}.`)
      const text = await unpacked(packed, { maxOutputLength: mostSampleBytes })
      return Samples.parse(JSON.parse(text.toString()))
    },

    /** All of them or none. @throws AppError BENCHMARK_NOT_FOUND, BUSY */
    remove: (ids: readonly BenchmarkId[]): BenchmarkId[] => {
      const all = [...new Set(ids)]
      for (const { benchmark, state } of all.map(find))
        if (state === 'queued' || state === 'running')
          throw new AppError('BUSY', `Benchmark ${benchmark} has not ended.`, { advice: 'Cancel it first.' })
      repository.remove(all)
      publish([], all)
      return all
    },

    plan: deps.plan,
    start: deps.start,
    watch: deps.watch,
    compare: deps.compare,
    history: deps.history,
    fastest: deps.fastest,
    export: deps.export,
    import: deps.import,
  }
}

export type BenchmarkService = ReturnType<typeof createBenchmarkService>
