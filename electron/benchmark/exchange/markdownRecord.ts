import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import type { Benchmark, BenchmarkRecord } from '../../../shared/contract/benchmarks.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { escapeMarkdown as plain } from './markdown.ts'

/** What one must know of a run to believe it: how it ended, with what, on what, and what disturbed it. */
export const footOf = (benchmark: Benchmark, results: readonly BenchmarkResult[]): string => {
  const { record, disturbances } = benchmark
  const lines = [
    ...(benchmark.label === null ? [] : [`Label: ${plain(benchmark.label)}`]),
    measuredLine(benchmark),
    ...(benchmark.state === 'done' ? [] : [stateLine(benchmark)]),
    ...optionsLine(results),
    ...(record ? recordLines(record) : []),
    ...memoryLine(results),
    ...disturbances
      .slice(0, 50)
      .map(({ kind, text, at }) =>
        kind === 'unmeasured' ? `Not measured: ${plain(text)}` : `Disturbed: ${plain(text)} (${time(at)})`,
      ),
    ...[...new Set(results.flatMap(({ notes }) => notes))].slice(0, 50).map((note) => `Note: ${plain(note)}`),
  ]
  return lines.map((line) => `- ${line}`).join('\n')
}

const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

const sources: Readonly<Record<Benchmark['source'], string>> = {
  berth: 'Berth',
  file: 'Berth, from a file',
  'llama-bench': 'llama-bench, from a file',
}

const measuredLine = ({ source, record, preset, kind, startedAt, createdAt }: Benchmark): string =>
  [
    `Measured by ${sources[source]}${record?.berthVersion ? ` ${plain(record.berthVersion)}` : ''}`,
    `${preset === null ? '' : `${preset} `}${kind} run`,
    time(startedAt ?? createdAt),
  ].join(', ')

const stateLine = ({ state, error }: Benchmark): string =>
  state === 'queued' || state === 'running'
    ? 'Not finished: this is what was measured so far'
    : `Partial: the run ${state === 'failed' ? 'failed' : 'was cancelled'}${error ? `. ${plain(error.message)}` : ''}`

/** What all results have in common. */
const optionsLine = (results: readonly BenchmarkResult[]): readonly string[] => {
  const [first, ...rest] = results
  if (!first) return []
  const words: Readonly<Record<keyof LoadOptions, string>> = {
    contextLength: 'context',
    gpuLayers: 'GPU layers',
    threads: 'threads',
    batchSize: 'batch',
    flashAttention: 'flash attention',
    kvCacheType: 'KV cache',
    mmap: 'mmap',
    keepAlive: 'keep alive',
  }
  const same = Object.entries(words).flatMap(([name, word]) => {
    const of = ({ options }: BenchmarkResult): unknown => Reflect.get(options, name)
    const value = of(first)
    if (name === 'keepAlive' || value === undefined || rest.some((result) => of(result) !== value)) return []
    return [`${word} ${value === true ? 'on' : value === false ? 'off' : String(value)}`]
  })
  return same.length === 0 ? [] : [`Options: ${same.join(', ')}`]
}

const recordLines = ({
  model,
  provider,
  os,
  cpu,
  devices,
  power,
  clientErrorMs,
}: BenchmarkRecord): readonly string[] => [
  `Model: ${[model.name, model.quantization, model.contentHash].filter(isKnown).map(plain).join(', ')}`,
  `Provider: ${[provider.name, provider.version, provider.host].filter(isKnown).map(plain).join(', ')}`,
  ...[cpu, os].filter(isKnown).map((word) => plain(word)),
  ...devices
    .filter(({ device }) => device !== 'cpu')
    .map(({ name, driver }) => `${plain(name)}${driver === null ? '' : `, driver ${plain(driver)}`}`),
  ...(power.mode === null && power.onBattery !== true
    ? []
    : [`Power: ${[power.mode && plain(power.mode), power.onBattery && 'on battery'].filter(Boolean).join(', ')}`]),
  ...(clientErrorMs === null
    ? []
    : [
        `The client’s own delay at ${clientErrorMs.streams} streams: p50 ${clientErrorMs.p50.toFixed(2)} ms, p99 ${clientErrorMs.p99.toFixed(2)} ms`,
      ]),
]

const isKnown = (text: string | null): text is string => text !== null && text !== ''

/** The most of each device over the whole run. */
const memoryLine = (results: readonly BenchmarkResult[]): readonly string[] => {
  const peaks = new Map<string, number>()
  for (const { device, name, peakBytes } of results.flatMap(({ memory }) => memory)) {
    if (peakBytes === null) continue
    const key = `${name}\n${device}`
    peaks.set(key, Math.max(peaks.get(key) ?? 0, peakBytes))
  }
  const words = [...peaks].map(
    ([key, bytes]) => `${plain(key.split('\n')[0] ?? '')} ${(bytes / 1024 ** 3).toFixed(2)} GiB`,
  )
  return words.length === 0 ? [] : [`Memory in use at most, by everything: ${words.join(', ')}`]
}
