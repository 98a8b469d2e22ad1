import type { BenchmarkResult } from '../../shared/contract/benchmarkResults.ts'
import type { BenchmarkId } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark } from '../../shared/contract/benchmarks.ts'
import type { StoredBenchmark } from '../benchmark/runner.ts'
import { parsed } from './benchmarkRow.ts'
import type { CatalogDatabase } from './database.ts'

type Origin = Pick<StoredBenchmark, 'model' | 'source'>

/** Where a result lies, and what tells it from most others without reading it. */
export interface ResultPlace {
  readonly benchmark: BenchmarkId
  readonly position: number
  readonly type: BenchmarkResult['test']['type']
  readonly value: number | null
  readonly measuredAt: number
}

/** What an import asks, to find out what it has taken in before. */
export const importQuestions = (db: CatalogDatabase) => {
  const places = db.prepare<[string, Benchmark['source']], ResultPlace>(
    `SELECT benchmark.id AS benchmark, result.position, result.test_type AS type, result.value, result.measured_at AS measuredAt
     FROM benchmark INDEXED BY benchmark_model JOIN benchmark_result AS result ON result.run = benchmark.number
     WHERE benchmark.model = ? AND benchmark.source = ?`,
  )
  const empty = db
    .prepare<[string, number, Benchmark['source']], number>(
      `SELECT count(*) FROM benchmark INDEXED BY benchmark_model
       WHERE model = ? AND created_at = ? AND source = ? AND results = 0`,
    )
    .pluck()
  const result = db
    .prepare<[string, number], string>(
      `SELECT result.body FROM benchmark JOIN benchmark_result AS result ON result.run = benchmark.number
       WHERE benchmark.id = ? AND result.position = ?`,
    )
    .pluck()
  return {
    /** Of all results of one origin. */
    placesOf: ({ model, source }: Origin): ResultPlace[] => places.all(model, source),
    /** A run of this origin and moment that has no results. */
    hasEmptyRun: ({ model, source, createdAt }: Origin & Pick<StoredBenchmark, 'createdAt'>): boolean =>
      (empty.get(model, createdAt, source) ?? 0) > 0,
    /** Null: it is not there, or cannot be read any more. */
    result: (id: BenchmarkId, position: number): BenchmarkResult | null => {
      const body = result.get(id, position)
      return body === undefined ? null : parsed<BenchmarkResult>(body)
    },
  }
}
