import {
  type BenchmarkResult,
  BenchmarkResult as BenchmarkResultSchema,
  type BenchmarkTest,
  type Percentiles,
  type ServingFigures,
} from '../../../shared/contract/benchmarkResults.ts'
import type { Load } from '../../../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkRecord } from '../../../shared/contract/benchmarks.ts'
import { aBenchmark } from '../../lib/testMirror.ts'
import type { Column } from './compare/compareRows.ts'

/** Values for tests, checked by the contract's own schemas. */
export const aResult = (
  position: number,
  test: BenchmarkTest,
  mean: number,
  over: Partial<BenchmarkResult> = {},
): BenchmarkResult =>
  BenchmarkResultSchema.parse({
    position,
    test,
    unit: test.type === 'load' ? 'ms' : test.type === 'embedding' ? 'texts/s' : 'tokens/s',
    options: {},
    statistics: {
      count: 5,
      mean,
      median: mean,
      min: mean,
      max: mean,
      standardDeviation: 1,
      interval: { low: mean - 1, high: mean + 1 },
    },
    serving: null,
    embedding: null,
    tokensPerJoule: null,
    memory: [],
    notes: [],
    measuredAt: 1000,
    ...over,
  })

export const tg = (depth: number): BenchmarkTest => ({ type: 'generation', generatedTokens: 128, depth })
export const pp = (depth: number): BenchmarkTest => ({ type: 'prompt', promptTokens: 512, depth })

export const percentiles = (p50: number): Percentiles => ({
  count: 100,
  mean: p50,
  p50,
  p90: p50 * 2,
  p95: p50 * 3,
  p99: p50 * 4,
  max: p50 * 5,
})

/** `good`: the part of the requests that kept the limits; null: there was none */
export const served = (
  position: number,
  load: Load,
  throughput: number,
  good: number | null,
  over: Partial<ServingFigures> = {},
): BenchmarkResult =>
  aResult(position, { type: 'serving', load, promptTokens: 512, outputTokens: 128, search: false }, throughput, {
    serving: {
      requests: 100,
      succeeded: 100,
      errors: {},
      durationSeconds: 10,
      ttftMs: percentiles(50),
      itlMs: percentiles(10),
      tpotMs: percentiles(10),
      e2eMs: percentiles(1000),
      lateMs: percentiles(0),
      requestsPerSecond: 10,
      inputTokensPerSecond: null,
      outputTokensPerSecond: throughput,
      tokenCount: 'server',
      goodput: good === null ? null : { requestsPerSecond: good * 10, part: good },
      costUsd: null,
      ...over,
    },
  })

export const atOnce = (level: number): Load => ({ by: 'concurrency', level })

export const aRecord = (
  model: string,
  quantization: string | null,
  version: string | null = null,
): BenchmarkRecord => ({
  model: {
    name: model,
    contentHash: null,
    architecture: null,
    parameterCount: null,
    quantization,
    format: null,
    sizeBytes: null,
  },
  provider: { kind: 'embedded', name: 'Embedded', version, host: null },
  berthVersion: null,
  os: null,
  cpu: null,
  devices: [],
  power: { mode: null, onBattery: null },
  backend: null,
  clientErrorMs: null,
})

export const aColumn = (
  id: string,
  letter: string,
  results: readonly BenchmarkResult[],
  over: Partial<Benchmark> = {},
): Column => ({ id, letter, run: { benchmark: aBenchmark(id, over), results: [...results] } })
