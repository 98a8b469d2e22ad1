import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import type {
  Benchmark,
  BenchmarkRecord,
  BenchmarkSample,
  BenchmarkWithResults,
} from '../../../shared/contract/benchmarks.ts'
import { statisticsOf } from '../statistics.ts'
import type { LoadSamples } from './compareRuns.ts'

export const testRecord = (version: string | null, change: Partial<BenchmarkRecord> = {}): BenchmarkRecord => ({
  model: {
    name: 'M',
    contentHash: null,
    architecture: null,
    parameterCount: null,
    quantization: null,
    format: null,
    sizeBytes: null,
  },
  provider: { kind: 'embedded', name: 'Embedded', version, host: null },
  berthVersion: null,
  os: null,
  cpu: 'A CPU',
  devices: [],
  power: { mode: null, onBattery: null },
  backend: null,
  clientErrorMs: null,
  ...change,
})

export const testRun = (id: string, change: Partial<Benchmark> = {}): Benchmark => ({
  benchmark: BenchmarkId.parse(id),
  job: null,
  kind: 'engine',
  model: 'embedded/m',
  provider: 'embedded',
  preset: null,
  label: null,
  source: 'berth',
  state: 'done',
  error: null,
  settings: null,
  options: {},
  record: testRecord('1'),
  disturbances: [],
  headline: {
    results: 0,
    promptTokensPerSecond: null,
    tokensPerSecond: null,
    ttftMs: null,
    textsPerSecond: null,
    throughput: null,
    peakBytes: null,
  },
  createdAt: 1,
  startedAt: null,
  endedAt: null,
  ...change,
})

export const generation = { type: 'generation', generatedTokens: 128, depth: 0 } as const

/** A result of repetitions, with its samples. */
export const repeated = (
  values: readonly number[],
  { test = generation, ...change }: Partial<BenchmarkResult> = {},
): { result: BenchmarkResult; samples: readonly BenchmarkSample[] } => ({
  result: {
    position: 0,
    test,
    unit: test.type === 'load' ? 'ms' : test.type === 'embedding' ? 'texts/s' : 'tokens/s',
    options: {},
    statistics: statisticsOf(values),
    serving: null,
    embedding: null,
    tokensPerJoule: null,
    memory: [],
    notes: [],
    measuredAt: 1,
    ...change,
  },
  samples: values.map((value) => ({ ms: 1000, value })),
})

type Part = { readonly result: BenchmarkResult; readonly samples: readonly BenchmarkSample[] }

/** Runs whose results are numbered in their order, and what loads their samples. */
export const testRuns = (...parts: (readonly [Benchmark, readonly Part[]])[]) => {
  const asked: string[] = []
  const runs: BenchmarkWithResults[] = parts.map(([benchmark, results]) => ({
    benchmark,
    results: results.map(({ result }, position) => ({ ...result, position })),
  }))
  const loadSamples: LoadSamples = async (id, position) => {
    asked.push(`${id} ${position}`)
    return parts.find(([{ benchmark }]) => benchmark === id)?.[1][position]?.samples ?? null
  }
  return { runs, loadSamples, asked }
}
