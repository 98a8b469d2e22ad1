import { randomUUID } from 'node:crypto'
import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkRecord, BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import type { StoredBenchmark } from '../runner.ts'
import { type Fields, plainText } from './fields.ts'
import { fileNameOf, readModelType, versionOf } from './llamaBenchModel.ts'
import type { LlamaBenchResult } from './llamaBenchRow.ts'

export interface ImportedRun {
  readonly benchmark: StoredBenchmark
  readonly results: {
    readonly result: BenchmarkResult
    readonly samples: readonly BenchmarkSample[]
    /** the file does not say when it was measured */
    readonly untimed?: true
  }[]
}

/** Settings that Berth has no option for, with llama-bench's own defaults: what differs sets runs apart and is said. */
const otherSettings: Readonly<Record<string, readonly string[]>> = {
  cpu_mask: ['0x0'],
  cpu_strict: ['0', 'false'],
  poll: ['50'],
  n_cpu_moe: ['0'],
  split_mode: ['layer'],
  main_gpu: ['0'],
  no_kv_offload: ['0', 'false'],
  devices: ['auto'],
  tensor_split: ['0.00', '0'],
  tensor_buft_overrides: ['none'],
  load_mode: ['auto', 'mmap', 'none'],
  lazy_mode: ['auto'],
  use_direct_io: ['0', 'false'],
  embeddings: ['0', 'false'],
  no_op_offload: ['0', 'false'],
  no_host: ['0', 'false'],
  repack: ['1', 'true'],
  fit_target: ['0'],
  fit_min_ctx: ['0'],
}

const settingsOf = (fields: Fields): string =>
  Object.entries(otherSettings)
    .map(([name, usual]) => ({ name, usual, value: fields.text(name) }))
    .filter(({ usual, value }) => value !== null && !usual.includes(value))
    .map(({ name, value }) => `${name} ${value}`)
    .join(', ')

/**
 * Collects rows into runs: what one build measured of one model on one machine with the same settings. A test that
 * comes again, as in a file that several calls were written to, begins another run, so that both are kept.
 */
export const createRunCollector = (label: string | null, now: number) => {
  const runs = new Map<string, ImportedRun>()
  const times = new Map<string, number>()
  return {
    runs: (): ImportedRun[] => [...runs.values()].map(inOrderOfTime),
    /** False: it would be one run more than are taken. */
    add(fields: Fields, { result, samples, measuredAt }: LlamaBenchResult, mostRuns: number): boolean {
      const settings = settingsOf(fields)
      const group = groupOf(fields, settings)
      const test = JSON.stringify([group, result.test, result.options, result.notes])
      const time = times.get(test) ?? 0
      const key = `${time} ${group}`
      const run = runs.get(key) ?? (runs.size < mostRuns ? newRun(fields, label, now) : null)
      if (run === null) return false
      times.set(test, time + 1)
      runs.set(key, run)
      const notes = settings === '' ? result.notes : [...result.notes, `llama-bench: ${plainText(settings, 1000)}`]
      const position = run.results.length
      const timed = { ...result, notes, position, measuredAt: measuredAt ?? now }
      run.results.push({ result: timed, samples, ...(measuredAt === null ? { untimed: true as const } : {}) })
      return true
    },
  }
}

const groupOf = (fields: Fields, settings: string): string =>
  JSON.stringify(
    [
      ...['model_filename', 'model_type', 'model_size', 'model_n_params', 'build_commit', 'build_number'],
      ...['cpu_info', 'gpu_info', 'backends'],
    ]
      .map((name) => fields.text(name))
      .concat(settings),
  )

const inOrderOfTime = ({ benchmark, results }: ImportedRun): ImportedRun => {
  const times = results.map(({ result }) => result.measuredAt)
  const first = times.reduce((one, other) => Math.min(one, other))
  const last = times.reduce((one, other) => Math.max(one, other))
  return { benchmark: { ...benchmark, createdAt: first, startedAt: first, endedAt: last }, results }
}

const newRun = (fields: Fields, label: string | null, now: number): ImportedRun => {
  const path = fields.text('model_filename')
  const type = fields.text('model_type')
  const name = (path && fileNameOf(path)) || type || 'unknown'
  const benchmark: StoredBenchmark = {
    benchmark: BenchmarkId.parse(randomUUID()),
    job: null,
    kind: 'engine',
    model: `llama-bench/${name}`,
    provider: 'llama-bench',
    preset: null,
    label,
    source: 'llama-bench',
    state: 'done',
    error: null,
    settings: null,
    options: {},
    record: recordOf(fields, type ?? name),
    disturbances: [],
    createdAt: now,
    startedAt: now,
    endedAt: now,
    budgetSeconds: null,
    acceptedUsd: null,
  }
  return { benchmark, results: [] }
}

const recordOf = (fields: Fields, name: string): BenchmarkRecord => {
  const { architecture, quantization } = readModelType(fields.text('model_type'))
  return {
    model: {
      name,
      contentHash: null,
      architecture,
      parameterCount: fields.whole('model_n_params', 1, 1e15),
      quantization,
      format: 'gguf',
      sizeBytes: fields.whole('model_size', 1, 1e15),
    },
    provider: {
      kind: 'llama-bench',
      name: 'llama-bench',
      version: versionOf(fields.text('build_commit'), fields.whole('build_number', 0, 1e9)),
      host: null,
    },
    berthVersion: null,
    os: null,
    cpu: fields.text('cpu_info'),
    devices: devicesOf(fields),
    power: { mode: null, onBattery: null },
    backend: fields.text('backends') || null,
    clientErrorMs: null,
  }
}

/** llama-bench names the backends and the GPUs, both with commas between, and not which GPU belongs to which backend. */
const devicesOf = (fields: Fields): BenchmarkRecord['devices'] => {
  const backend = (fields.text('backends') ?? '').split(',')[0]?.trim() || 'GPU'
  const names = (fields.text('gpu_info') ?? '').split(',').map((name) => name.trim())
  return names
    .filter((name) => name !== '')
    .slice(0, 64)
    .map((name, index) => ({ device: `${backend}${index}`, name, driver: null, totalBytes: null }))
}
