import type { BenchmarkResult } from '../../shared/contract/benchmarkResults.ts'
import type { BenchmarkId } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark } from '../../shared/contract/benchmarks.ts'
import { modelBytes } from '../../shared/modelBytes.ts'
import { optionsKey } from '../../shared/optionsKey.ts'
import type { StoredBenchmark } from '../benchmark/runner.ts'

/** How a run lies in its table. */
export interface BenchmarkRow {
  readonly id: BenchmarkId
  readonly kind: Benchmark['kind']
  readonly model: string
  readonly provider: string
  readonly source: Benchmark['source']
  readonly state: Benchmark['state']
  readonly createdAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly body: string
  readonly results: number
  readonly promptSpeed: number | null
  readonly speed: number | null
  readonly ttftMs: number | null
  readonly textsPerSecond: number | null
  readonly throughput: number | null
  readonly peakBytes: number | null
}

/** What of a run has no column. */
type Body = Pick<
  StoredBenchmark,
  | 'job'
  | 'preset'
  | 'label'
  | 'error'
  | 'settings'
  | 'options'
  | 'record'
  | 'disturbances'
  | 'budgetSeconds'
  | 'acceptedUsd'
>

const nothing: Body = {
  job: null,
  preset: null,
  label: null,
  error: null,
  settings: null,
  options: {},
  record: null,
  disturbances: [],
  budgetSeconds: null,
  acceptedUsd: null,
}

/** What cannot be read any more is shown as a failed run, so that a person can remove it; the others are not hidden by it. */
const damaged: Body = {
  ...nothing,
  error: {
    code: 'INTERNAL',
    message: 'What was stored of this run is damaged.',
    advice: 'Remove the run, and measure again.',
  },
}

/** null: the text is no JSON */
export const parsed = <T>(text: string): T | null => {
  try {
    return JSON.parse(text) // what this repository wrote
  } catch {
    return null
  }
}

export const bodyOf = (run: StoredBenchmark): string => {
  const { job, preset, label, error, settings, options, record, disturbances, budgetSeconds, acceptedUsd } = run
  const body: Body = { job, preset, label, error, settings, options, record, disturbances, budgetSeconds, acceptedUsd }
  return JSON.stringify(body)
}

export const storedOf = (row: BenchmarkRow): StoredBenchmark => {
  const body = parsed<Body>(row.body)
  return {
    benchmark: row.id,
    kind: row.kind,
    model: row.model,
    provider: row.provider,
    source: row.source,
    state: body ? row.state : 'failed',
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    ...(body ?? damaged),
  }
}

export const benchmarkOf = (row: BenchmarkRow): Benchmark => {
  const { budgetSeconds, acceptedUsd, ...run } = storedOf(row)
  const { results, speed, ttftMs, textsPerSecond, throughput, peakBytes } = row
  return {
    ...run,
    headline: {
      results,
      promptTokensPerSecond: row.promptSpeed,
      tokensPerSecond: speed,
      ttftMs,
      textsPerSecond,
      throughput,
      peakBytes,
    },
  }
}

/**
 * Tokens in the context, and tokens/s, of an answer that the model gave to one request at a time. A file of others tells nothing
 * of the speed of this machine, and pieces of an answer are not tokens.
 */
const generationOf = ({ test, statistics, serving }: BenchmarkResult, source: Benchmark['source']) => {
  const none = { depth: null, generationSpeed: null }
  if (source !== 'berth') return none
  if (test.type === 'generation') return { depth: test.depth, generationSpeed: statistics.mean }
  const isAlone = test.type === 'serving' && test.load.by === 'concurrency' && test.load.level === 1
  const tpotMs = serving?.tokenCount === 'approximate' ? null : serving?.tpotMs.p50
  return isAlone && tpotMs ? { depth: test.promptTokens, generationSpeed: 1000 / tpotMs } : none
}

/** The columns of one result. */
export const resultColumns = (result: BenchmarkResult, source: Benchmark['source']) => {
  const { test, options } = result
  const load = test.type === 'serving' ? test.load : null
  const bytes = modelBytes(result.memory)
  return {
    position: result.position,
    testType: test.type,
    value: result.statistics.mean,
    loadBy: load?.by ?? null,
    load: load === null ? null : load.by === 'rate' ? load.requestsPerSecond : load.level,
    ttftMs: result.serving?.ttftMs.p50 ?? null,
    options: optionsKey(options),
    contextLength: options.contextLength ?? null,
    ...generationOf(result, source),
    peakBytes: bytes === null ? null : Math.round(bytes),
    measuredAt: Math.round(result.measuredAt),
    body: JSON.stringify(result),
  }
}
