import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import type { Benchmark, BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import { backendOf, gpusOf } from './backends.ts'
import { buildOf, writeModelType } from './llamaBenchModel.ts'
import { isRepetition, tokensOf } from './repetition.ts'
import type { Writer } from './writer.ts'

/** One object a line and engine result. Loads, serving and embedding have no place in it. */
export const writeLlamaBench: Writer = async (runs, samplesOf, add, pause) => {
  let left = 0
  let written = 0
  for (const { benchmark, results } of runs)
    for (const result of results) {
      const tokens = tokensOf(result.test)
      if (tokens === null) left += 1
      else {
        add(lineOf(benchmark, result, tokens, await samplesOf(benchmark.benchmark, result.position)))
        written += 1
      }
      await pause()
    }
  if (written === 0)
    throw new AppError('INVALID_INPUT', 'None of these results has a place in a file of llama-bench.', {
      advice: 'It holds prompt and generation speed of engine runs alone. Export as JSON or CSV instead.',
    })
  if (left === 0) return undefined
  return `${left} ${left === 1 ? 'result' : 'results'} of loads, serving or embedding left out: llama-bench has no such tests.`
}

/**
 * One line of `llama-bench -o jsonl`, with its units: nanoseconds and tokens/s. What is not known is llama-bench's own unset
 * value (-1, 0, empty, `unknown`), because its reader `compare-llama-bench.py` asks for every field and joins by them, and
 * nothing is equal to null there.
 */
const lineOf = (
  benchmark: Benchmark,
  result: BenchmarkResult,
  tokens: number,
  samples: readonly BenchmarkSample[],
): string =>
  `${JSON.stringify({
    ...machineOf(benchmark, result.options),
    ...settingsOf(result),
    ...testOf(result.test),
    test_time: new Date(result.measuredAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    ...figuresOf(result, tokens, samples.filter(isRepetition)),
  })}\n`

const machineOf = ({ model: id, source, record }: Benchmark, options: LoadOptions) => ({
  ...buildOf(record?.provider.version ?? null),
  cpu_info: record?.cpu ?? '',
  gpu_info:
    record === null
      ? ''
      : gpusOf(record)
          .map(({ name }) => name)
          .join(', '),
  backends: record === null ? '' : (backendOf(record, options) ?? ''),
  model_filename: id.slice(id.indexOf('/') + 1),
  model_type: record === null ? '' : source === 'llama-bench' ? record.model.name : writeModelType(record.model),
  model_size: record?.model.sizeBytes ?? 0,
  model_n_params: record?.model.parameterCount ?? 0,
})

/** Berth's batch is evaluated at once: there is no smaller one inside. Old and new names of mmap, for readers of both. */
const settingsOf = ({ options }: BenchmarkResult) => ({
  n_batch: options.batchSize ?? 0,
  n_ubatch: options.batchSize ?? 0,
  n_threads: options.threads ?? 0,
  cpu_mask: '0x0',
  cpu_strict: false,
  poll: 50,
  type_k: options.kvCacheType ?? 'f16',
  type_v: options.kvCacheType ?? 'f16',
  n_gpu_layers: typeof options.gpuLayers === 'number' ? options.gpuLayers : -1,
  n_cpu_moe: 0,
  split_mode: 'layer',
  main_gpu: 0,
  no_kv_offload: false,
  flash_attn: options.flashAttention === undefined ? -1 : Number(options.flashAttention),
  devices: 'auto',
  tensor_split: '0.00',
  tensor_buft_overrides: 'none',
  load_mode: options.mmap === undefined ? 'auto' : options.mmap ? 'mmap' : 'none',
  use_mmap: options.mmap ?? true,
  embeddings: false,
  no_op_offload: 0,
})

const testOf = (test: BenchmarkResult['test']) => ({
  n_prompt: 'promptTokens' in test ? test.promptTokens : 0,
  n_gen: 'generatedTokens' in test ? test.generatedTokens : 0,
  n_depth: 'depth' in test ? test.depth : 0,
})

const figuresOf = (
  { statistics }: BenchmarkResult,
  tokens: number,
  samples: readonly { readonly ms: number; readonly value: number }[],
) => {
  const ns = samples.map(({ ms }) => Math.round(ms * 1e6))
  const mean = ns.reduce((sum, each) => sum + each, 0) / ns.length
  const squares = ns.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  // without samples: what the speed comes to for one repetition of its tokens
  const meanNs = ns.length > 0 ? mean : statistics.mean > 0 ? (tokens / statistics.mean) * 1e9 : 0
  return {
    avg_ns: Math.round(meanNs),
    stddev_ns: ns.length > 1 ? Math.round(Math.sqrt(squares / (ns.length - 1))) : 0,
    avg_ts: statistics.mean,
    stddev_ts: statistics.standardDeviation ?? 0,
    samples_ns: ns,
    samples_ts: samples.map(({ value }) => value),
  }
}
