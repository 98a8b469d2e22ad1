import type { BenchmarkResult, Percentiles } from '../../../shared/contract/benchmarkResults.ts'
import type { Benchmark, BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { loadName, testName } from '../../../shared/testName.ts'
import { backendOf } from './backends.ts'
import { writeModelType } from './llamaBenchModel.ts'
import { type Column, escapeMarkdown as plain, table } from './markdown.ts'
import { footOf } from './markdownRecord.ts'
import type { Writer } from './writer.ts'

const unknown = '–'
const number = (name: string): Column => ({ name, isNumber: true })
const text = (name: string): Column => ({ name, isNumber: false })

/** Tables as llama-bench prints them, and below them what one must know to believe them: for an issue or a chat. */
export const writeMarkdown: Writer = async (runs, _samplesOf, add, pause) => {
  for (const [index, run] of runs.entries()) {
    add(`${index === 0 ? '' : '\n'}${sectionOf(run)}`)
    await pause()
  }
  return undefined
}

const sectionOf = ({ benchmark, results }: BenchmarkWithResults): string => {
  const parts = [
    `### ${plain(benchmark.model)}`,
    results.length === 0 ? 'Nothing was measured.' : '',
    speedTable(benchmark, results),
    loadTable(results),
    servingTable(results),
    latencyTable(results),
    embeddingTable(results),
    footOf(benchmark, results),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** `15238.97 ± 820.84`, as llama-bench has it: mean and standard deviation. */
const spread = ({ statistics: { mean, standardDeviation } }: BenchmarkResult): string =>
  standardDeviation === null ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${standardDeviation.toFixed(2)}`

const speedTable = (benchmark: Benchmark, results: readonly BenchmarkResult[]): string => {
  const rows = results.filter(({ unit, test }) => unit === 'tokens/s' && test.type !== 'serving')
  if (rows.length === 0) return ''
  const options = optionColumns(rows)
  const { record, source } = benchmark
  const name =
    record === null ? benchmark.model : source === 'llama-bench' ? record.model.name : writeModelType(record.model)
  return table(
    [
      text('model'),
      number('size'),
      number('params'),
      text('backend'),
      ...options.map((option) => number(option.name)),
      number('test'),
      number('t/s'),
    ],
    rows.map((result) => [
      plain(name),
      sizeOf(record?.model.sizeBytes ?? null),
      countOf(record?.model.parameterCount ?? null),
      plain((record && backendOf(record, result.options)) ?? unknown),
      ...options.map((option) => option.of(result.options)),
      testName(result.test),
      spread(result),
    ]),
  )
}

interface OptionColumn {
  readonly name: string
  readonly of: (options: LoadOptions) => string
}

/** By llama-bench's short names. */
const allOptions: readonly OptionColumn[] = [
  ['ngl', 'gpuLayers'] as const,
  ['threads', 'threads'] as const,
  ['n_ctx', 'contextLength'] as const,
  ['n_batch', 'batchSize'] as const,
  ['type_kv', 'kvCacheType'] as const,
  ['fa', 'flashAttention'] as const,
  ['mmap', 'mmap'] as const,
].map(([name, option]) => ({ name, of: (options) => wordOf(options[option]) }))

const wordOf = (value: string | number | boolean | undefined): string =>
  value === undefined ? unknown : typeof value === 'boolean' ? (value ? '1' : '0') : String(value)

/** Threads, as llama-bench does, and what is not the same in all rows. The rest stands below. */
const optionColumns = (results: readonly BenchmarkResult[]): readonly OptionColumn[] =>
  allOptions.filter(({ name, of }) => {
    const values = new Set(results.map(({ options }) => of(options)))
    return values.size > 1 || (name === 'threads' && !values.has(unknown))
  })

const loadTable = (results: readonly BenchmarkResult[]): string => {
  const rows = results.filter(({ test }) => test.type === 'load')
  if (rows.length === 0) return ''
  const options = optionColumns(rows)
  return table(
    [text('load'), ...options.map(({ name }) => number(name)), number('ms')],
    rows.map((result) => [testName(result.test), ...options.map(({ of }) => of(result.options)), spread(result)]),
  )
}

const rate = (value: number | null): string => (value === null ? unknown : value.toFixed(2))

const servingTable = (results: readonly BenchmarkResult[]): string => {
  const rows = results.flatMap(({ test, serving }) => (test.type === 'serving' && serving ? [{ test, serving }] : []))
  if (rows.length === 0) return ''
  const names = ['prompt', 'output', 'requests', 'failed', 'req/s', 'in t/s', 'out t/s', 'goodput req/s']
  return table(
    [text('load'), ...names.map(number)],
    rows.map(({ test, serving }) => [
      `${loadName(test.load)}${test.search ? ' (search)' : ''}`,
      String(test.promptTokens),
      String(test.outputTokens),
      String(serving.requests),
      String(serving.requests - serving.succeeded),
      rate(serving.requestsPerSecond),
      rate(serving.inputTokensPerSecond),
      `${serving.tokenCount === 'approximate' ? '≈ ' : ''}${rate(serving.outputTokensPerSecond)}`,
      serving.goodput
        ? `${rate(serving.goodput.requestsPerSecond)} (${Math.round(serving.goodput.part * 100)} %)`
        : unknown,
    ]),
  )
}

const parts = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const

const latencyRow = (name: string, ms: string, values: Percentiles): readonly string[] => [
  name,
  ms,
  ...parts.map((part) => rate(values[part])),
]

/** Milliseconds from the planned arrival of each request. */
const latencyTable = (results: readonly BenchmarkResult[]): string => {
  const rows = results.flatMap(({ test, serving }) =>
    test.type === 'serving' && serving
      ? [
          latencyRow(loadName(test.load), 'TTFT', serving.ttftMs),
          latencyRow('', 'ITL', serving.itlMs),
          latencyRow('', 'TPOT', serving.tpotMs),
          latencyRow('', 'E2E', serving.e2eMs),
        ]
      : [],
  )
  return rows.length === 0 ? '' : table([text('load'), text('ms'), ...parts.map(number)], rows)
}

const embeddingTable = (results: readonly BenchmarkResult[]): string => {
  const rows = results.flatMap((result) => (result.test.type === 'embedding' ? [{ ...result, test: result.test }] : []))
  if (rows.length === 0) return ''
  const names = ['batch', 'tokens', 'texts/s', 'in t/s', 'batch p50 ms', 'batch p99 ms']
  return table(
    names.map(number),
    rows.map((result) => [
      String(result.test.batchSize),
      String(result.test.textTokens),
      spread(result),
      rate(result.embedding?.inputTokensPerSecond ?? null),
      rate(result.embedding?.latencyMs.p50 ?? null),
      rate(result.embedding?.latencyMs.p99 ?? null),
    ]),
  )
}

/** As llama-bench: GiB, or MiB below one. */
const sizeOf = (bytes: number | null): string => {
  if (bytes === null) return unknown
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(2)} MiB` : `${(bytes / 1024 ** 3).toFixed(2)} GiB`
}

const countOf = (count: number | null): string => {
  if (count === null) return unknown
  return count < 1e9 ? `${(count / 1e6).toFixed(2)} M` : `${(count / 1e9).toFixed(2)} B`
}
