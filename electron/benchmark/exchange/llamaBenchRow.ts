import type { BenchmarkResult, BenchmarkTest } from '../../../shared/contract/benchmarkResults.ts'
import type { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import { KvCacheType, type LoadOptions } from '../../../shared/contract/models.ts'
import { statisticsOf } from '../statistics.ts'
import type { Fields } from './fields.ts'
import { tokensOf } from './repetition.ts'

const mostTokens = 1_048_576
const mostSamples = 1_000
/** A day, in nanoseconds: no repetition takes longer. */
const mostNs = 86_400e9
const leastPerSecond = 1e-9
const mostPerSecond = 1e9

/** Why a row is left out, in words that follow "Line 7: ". */
export class RowFault extends Error {}

export interface LlamaBenchResult {
  readonly result: Omit<BenchmarkResult, 'position' | 'measuredAt'>
  readonly samples: readonly BenchmarkSample[]
  /** Unix milliseconds; null: the row does not tell */
  readonly measuredAt: number | null
}

/** One object or line of llama-bench, of any build. @throws RowFault */
export const readLlamaBenchRow = (fields: Fields): LlamaBenchResult => {
  const test = testOf(fields)
  const { statistics, samples, notes } = speedOf(fields, tokensOf(test) ?? 0)
  return {
    result: {
      test,
      unit: 'tokens/s',
      options: optionsOf(fields),
      statistics,
      serving: null,
      embedding: null,
      tokensPerJoule: null,
      memory: [],
      notes: [...notes, ...kvNotes(fields)],
    },
    samples,
    measuredAt: timeOf(fields.text('test_time')),
  }
}

const testOf = (fields: Fields): BenchmarkTest => {
  const promptTokens = fields.whole('n_prompt', 0, mostTokens)
  const generatedTokens = fields.whole('n_gen', 0, mostTokens)
  // builds before n_depth measured with an empty context
  const depth = fields.has('n_depth') ? fields.whole('n_depth', 0, mostTokens) : 0
  if (promptTokens === null || generatedTokens === null || depth === null)
    throw new RowFault('n_prompt, n_gen or n_depth is no number of tokens.')
  if (promptTokens + generatedTokens === 0) throw new RowFault('it measured nothing: n_prompt and n_gen are 0.')
  if (generatedTokens === 0) return { type: 'prompt', promptTokens, depth }
  if (promptTokens === 0) return { type: 'generation', generatedTokens, depth }
  return { type: 'both', promptTokens, generatedTokens, depth }
}

type Speed = Pick<BenchmarkResult, 'statistics' | 'notes'> & { readonly samples: readonly BenchmarkSample[] }

/** From its nanoseconds, which are whole; its samples_ts have six digits, and its CSV has no samples at all. */
const speedOf = (fields: Fields, tokens: number): Speed => {
  const ns = fields.numbers('samples_ns', mostSamples, 1, mostNs)
  const perSecond = fields.numbers('samples_ts', mostSamples, leastPerSecond, mostPerSecond)
  const msOfEach = ns?.map((each) => each / 1e6) ?? perSecond?.map((each) => (tokens / each) * 1000)
  if (msOfEach === undefined) return toldSpeed(fields)
  const samples = msOfEach.map((ms) => ({ ms, value: (tokens / ms) * 1000 }))
  const statistics = statisticsOf(samples.map(({ value }) => value))
  const told = fields.number('avg_ts', leastPerSecond, mostPerSecond)
  const differs = told !== null && Math.abs(told - statistics.mean) > statistics.mean * 0.01
  return {
    samples,
    statistics,
    notes: differs ? [`The file says ${told.toFixed(2)} tokens/s; its samples give the mean that stands here.`] : [],
  }
}

const toldSpeed = (fields: Fields): Speed => {
  const mean = fields.number('avg_ts', leastPerSecond, mostPerSecond)
  if (mean === null) throw new RowFault('it has no speed: avg_ts is missing or no number above 0.')
  const standardDeviation = fields.number('stddev_ts', 0, mostPerSecond)
  return {
    samples: [],
    statistics: { count: 0, mean, median: mean, min: mean, max: mean, standardDeviation, interval: null },
    notes: ['Only the mean and the deviation are in the file, not the repetitions.'],
  }
}

/** Berth's batch is what is evaluated at once, which llama-bench calls n_ubatch. */
const optionsOf = (fields: Fields): LoadOptions => {
  const batch = fields.whole('n_batch', 1, 65_536)
  const ubatch = fields.whole('n_ubatch', 1, 65_536)
  const batchSize = Math.min(batch ?? Number.POSITIVE_INFINITY, ubatch ?? Number.POSITIVE_INFINITY)
  return withoutNull({
    gpuLayers: fields.whole('n_gpu_layers', 0, 10_000), // -1: as many as there are
    threads: fields.whole('n_threads', 1, 1024),
    batchSize: Number.isFinite(batchSize) ? batchSize : null,
    flashAttention: fields.flag('flash_attn'), // -1: as the engine likes
    kvCacheType: kvCacheTypeOf(fields),
    mmap: mmapOf(fields),
  })
}

const kvCacheTypeOf = (fields: Fields): KvCacheType | null => {
  const both = fields.text('type_k')
  return both === fields.text('type_v') ? (KvCacheType.safeParse(both).data ?? null) : null
}

const kvNotes = (fields: Fields): readonly string[] => {
  const [k, v] = [fields.text('type_k'), fields.text('type_v')]
  return k === null || v === null || kvCacheTypeOf(fields) !== null ? [] : [`KV cache: K ${k}, V ${v}`]
}

const mmapOf = (fields: Fields): boolean | null => {
  const mode = fields.text('load_mode')
  if (mode === null) return fields.flag('use_mmap')
  return mode === 'auto' ? null : /(^|\+)mmap(\+|$)/.test(mode)
}

type Nullable<T> = { [K in keyof T]-?: Exclude<T[K], undefined> | null }

const withoutNull = (options: Nullable<Omit<LoadOptions, 'contextLength' | 'keepAlive'>>): LoadOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null))

/** ISO 8601 with a zone; a year that a benchmark can be from. */
const timeOf = (text: string | null): number | null => {
  if (text === null || !/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(text)) return null
  const time = Date.parse(text)
  return time >= Date.UTC(2020) && time < Date.UTC(2200) ? time : null
}
