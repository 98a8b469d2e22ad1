import type { BenchmarkResult, Percentiles } from '../../../shared/contract/benchmarkResults.ts'
import type { Benchmark, BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import { testName } from '../../../shared/testName.ts'
import { csvLine } from './csv.ts'
import type { Writer } from './writer.ts'

type Cell = string | number | boolean | null
type Column = readonly [name: string, of: (benchmark: Benchmark, result: BenchmarkResult) => Cell]

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())
const inTest = (name: string, { test }: BenchmarkResult): Cell => {
  const value: unknown = Object.hasOwn(test, name) ? Reflect.get(test, name) : null
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null
}

const runColumns: readonly Column[] = [
  ['benchmark', ({ benchmark }) => benchmark],
  ['model', ({ model }) => model],
  ['provider', ({ provider }) => provider],
  ['kind', ({ kind }) => kind],
  ['preset', ({ preset }) => preset],
  ['label', ({ label }) => label],
  ['source', ({ source }) => source],
  ['state', ({ state }) => state],
  ['measured_at', (_, { measuredAt }) => iso(measuredAt)],
]

const testColumns: readonly Column[] = [
  ['position', (_, { position }) => position],
  ['test', (_, { test }) => testName(test)],
  ...['type', 'promptTokens', 'generatedTokens', 'outputTokens', 'depth', 'batchSize', 'textTokens', 'cache'].map(
    (name): Column => [`test_${snake(name)}`, (_, result) => inTest(name, result)],
  ),
  ['load_by', (_, { test }) => (test.type === 'serving' ? test.load.by : null)],
  [
    'load',
    (_, { test }) =>
      test.type !== 'serving' ? null : test.load.by === 'rate' ? test.load.requestsPerSecond : test.load.level,
  ],
  ['search', (_, result) => inTest('search', result)],
  ['unit', (_, { unit }) => unit],
  ['samples', (_, { statistics }) => statistics.count],
  ['mean', (_, { statistics }) => statistics.mean],
  ['standard_deviation', (_, { statistics }) => statistics.standardDeviation],
  ['interval_low', (_, { statistics }) => statistics.interval?.low ?? null],
  ['interval_high', (_, { statistics }) => statistics.interval?.high ?? null],
  ['median', (_, { statistics }) => statistics.median],
  ['min', (_, { statistics }) => statistics.min],
  ['max', (_, { statistics }) => statistics.max],
]

const optionColumns: readonly Column[] = (
  ['contextLength', 'gpuLayers', 'threads', 'batchSize', 'flashAttention', 'kvCacheType', 'mmap'] as const
).map((name): Column => [snake(name), (_, { options }) => options[name] ?? null])

const percentileColumns = (name: string, of: (result: BenchmarkResult) => Percentiles | undefined): readonly Column[] =>
  (['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const).map(
    (part): Column => [`${name}_ms_${part}`, (_, result) => of(result)?.[part] ?? null],
  )

const servingColumns: readonly Column[] = [
  ['requests', (_, { serving }) => serving?.requests ?? null],
  ['succeeded', (_, { serving }) => serving?.succeeded ?? null],
  ['errors', (_, { serving }) => (serving ? pairs(serving.errors) : null)],
  ['duration_seconds', (_, { serving }) => serving?.durationSeconds ?? null],
  ['requests_per_second', (_, { serving }) => serving?.requestsPerSecond ?? null],
  [
    'input_tokens_per_second',
    (_, { serving, embedding }) => serving?.inputTokensPerSecond ?? embedding?.inputTokensPerSecond ?? null,
  ],
  ['output_tokens_per_second', (_, { serving }) => serving?.outputTokensPerSecond ?? null],
  ['token_count', (_, { serving }) => serving?.tokenCount ?? null],
  ...percentileColumns('ttft', ({ serving }) => serving?.ttftMs),
  ...percentileColumns('itl', ({ serving }) => serving?.itlMs),
  ...percentileColumns('tpot', ({ serving }) => serving?.tpotMs),
  ...percentileColumns('e2e', ({ serving }) => serving?.e2eMs),
  ...percentileColumns('late', ({ serving }) => serving?.lateMs),
  ...percentileColumns('batch', ({ embedding }) => embedding?.latencyMs),
  ['goodput_requests_per_second', (_, { serving }) => serving?.goodput?.requestsPerSecond ?? null],
  ['goodput_part', (_, { serving }) => serving?.goodput?.part ?? null],
  ['cost_usd', (_, { serving }) => serving?.costUsd ?? null],
]

const recordColumns: readonly Column[] = [
  ['tokens_per_joule', (_, { tokensPerJoule }) => tokensPerJoule],
  [
    'memory',
    (_, { memory }) => memory.map(({ name, peakBytes }) => `${name}: ${peakBytes ?? '?'} bytes at most`).join('; '),
  ],
  ['notes', (_, { notes }) => notes.join(' ')],
  ['model_name', ({ record }) => record?.model.name ?? null],
  ['content_hash', ({ record }) => record?.model.contentHash ?? null],
  ['architecture', ({ record }) => record?.model.architecture ?? null],
  ['parameters', ({ record }) => record?.model.parameterCount ?? null],
  ['quantization', ({ record }) => record?.model.quantization ?? null],
  ['model_bytes', ({ record }) => record?.model.sizeBytes ?? null],
  ['provider_kind', ({ record }) => record?.provider.kind ?? null],
  ['provider_version', ({ record }) => record?.provider.version ?? null],
  ['host', ({ record }) => record?.provider.host ?? null],
  ['berth_version', ({ record }) => record?.berthVersion ?? null],
  ['os', ({ record }) => record?.os ?? null],
  ['cpu', ({ record }) => record?.cpu ?? null],
  [
    'devices',
    ({ record }) =>
      record?.devices.map(({ name, driver }) => (driver ? `${name} (${driver})` : name)).join('; ') ?? null,
  ],
  ['backend', ({ record }) => record?.backend ?? null],
  ['power_mode', ({ record }) => record?.power.mode ?? null],
  ['on_battery', ({ record }) => record?.power.onBattery ?? null],
  ['client_error_ms_p99', ({ record }) => record?.clientErrorMs?.p99 ?? null],
  ['disturbances', ({ disturbances }) => disturbances.map(({ text }) => text).join(' ')],
]

const columns: readonly Column[] = [
  ...runColumns,
  ...testColumns,
  ...optionColumns,
  ...servingColumns,
  ...recordColumns,
]

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

const pairs = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([code, count]) => `${code} ${count}`)
    .join('; ')

/** One row a result (RFC 4180); raw samples are in the JSON export. Unknown is an empty cell. */
export const writeCsv: Writer = async (runs: readonly BenchmarkWithResults[], _samplesOf, add, pause) => {
  add(csvLine(columns.map(([name]) => name)))
  for (const { benchmark, results } of runs)
    for (const result of results) {
      add(csvLine(columns.map(([, of]) => of(benchmark, result))))
      await pause()
    }
  return undefined
}
