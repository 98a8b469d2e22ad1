import type { FactGroup } from '../../../shared/contract/checks.ts'
import { type Metrics, parseMetrics, sumOf } from '../../lib/prometheus.ts'
import { group, type Row, tokens, told } from '../parts/facts.ts'

const source = '/metrics'

/** Of `vllm:engine_sleep_state`. */
type SleepState = 'awake' | 'weights_offloaded' | 'discard_all'

/** What vLLM counts; unknown is null. It was renamed more than once, so each has the names of older versions too. */
export interface VllmFigures {
  readonly running: number | null
  readonly waiting: number | null
  /** 0–1, the mean of all engines */
  readonly kvCacheUse: number | null
  readonly sleepState: SleepState | null
  readonly metrics: Metrics
}

const kvCacheNames = ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc']
const interTokenNames = ['vllm:inter_token_latency_seconds', 'vllm:time_per_output_token_seconds']

export const readVllmMetrics = (text: string): VllmFigures => {
  const metrics = parseMetrics(text)
  return {
    running: sumOf(metrics, ['vllm:num_requests_running']),
    waiting: sumOf(metrics, ['vllm:num_requests_waiting']),
    kvCacheUse: kvCacheUseOf(metrics),
    sleepState: sleepStateOf(metrics),
    metrics,
  }
}

/** They say percent and are fractions. What is out of range is unknown. */
const kvCacheUseOf = (metrics: Metrics): number | null => {
  const name = kvCacheNames.find((each) => metrics.has(each)) ?? ''
  const values = (metrics.get(name) ?? []).map(({ value }) => value)
  if (values.length === 0 || values.some((value) => !(value >= 0 && value <= 1))) return null
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of several engines the one that sleeps deepest counts: it decides how they are woken. */
const sleepStateOf = (metrics: Metrics): SleepState | null => {
  const current = (metrics.get('vllm:engine_sleep_state') ?? [])
    .filter(({ value }) => value === 1)
    .map(({ labels }) => labels.get('sleep_state'))
  const order: readonly SleepState[] = ['discard_all', 'weights_offloaded', 'awake']
  return order.find((state) => current.includes(state)) ?? null
}

export const metricsGroups = ({ running, waiting, kvCacheUse, metrics }: VllmFigures): FactGroup[] => {
  const sum = (...names: readonly string[]) => sumOf(metrics, names)
  return told([
    group('Requests', source, [
      ['Running', running],
      ['Waiting', waiting],
      ['Preempted since the start', sum('vllm:num_preemptions_total')],
      ...finishedRows(metrics),
    ]),
    group('KV cache', source, [
      ['In use', percent(kvCacheUse)],
      ['Capacity', tokens(capacityOf(metrics))],
      ['Type', infoOf(metrics, 'cache_dtype')],
      ['Share of GPU memory', infoOf(metrics, 'gpu_memory_utilization')],
      ['Prefix cache hits', hitRateOf(metrics)],
    ]),
    group('Since the start', source, [
      ['Prompts', tokens(sum('vllm:prompt_tokens_total'))],
      ['Answers', tokens(sum('vllm:generation_tokens_total'))],
    ]),
    group('Mean since the start', source, [
      ['Time to the first token', meanMs(metrics, ['vllm:time_to_first_token_seconds'])],
      ['Between two tokens', meanMs(metrics, interTokenNames)],
      ['Waiting in the queue', meanMs(metrics, ['vllm:request_queue_time_seconds'])],
      ['Whole request', meanMs(metrics, ['vllm:e2e_request_latency_seconds'])],
    ]),
  ])
}

const finishedRows = (metrics: Metrics): Row[] => {
  const reasons = (metrics.get('vllm:request_success_total') ?? []).flatMap(
    ({ labels }) => labels.get('finished_reason') ?? [],
  )
  return [...new Set(reasons)].slice(0, 20).map((reason) => {
    const count = sumOf(metrics, ['vllm:request_success_total'], (labels) => labels.get('finished_reason') === reason)
    return [`Ended: ${reason.slice(0, 40)}`, count]
  })
}

const infoOf = (metrics: Metrics, label: string): string | null =>
  metrics.get('vllm:cache_config_info')?.[0]?.labels.get(label) ?? null

/** Tokens that the KV cache of all engines holds. */
const capacityOf = (metrics: Metrics): number | null => {
  const engines = metrics.get('vllm:cache_config_info') ?? []
  const sizes = engines.map(({ labels }) => Number(labels.get('num_gpu_blocks')) * Number(labels.get('block_size')))
  return sizes.length > 0 && sizes.every((size) => Number.isSafeInteger(size) && size > 0)
    ? sizes.reduce((sum, size) => sum + size, 0)
    : null
}

const hitRateOf = (metrics: Metrics): string | null => {
  const asked = sumOf(metrics, ['vllm:prefix_cache_queries_total'])
  const hits = sumOf(metrics, ['vllm:prefix_cache_hits_total'])
  if (asked === null || hits === null || asked <= 0) return null
  return `${percent(hits / asked)} of ${tokens(asked)} since the start`
}

/** Of the first of these histograms that has counted anything. */
const meanMs = (metrics: Metrics, names: readonly string[]): string | null => {
  const count = sumOf(
    metrics,
    names.map((name) => `${name}_count`),
  )
  const sum = sumOf(
    metrics,
    names.map((name) => `${name}_sum`),
  )
  return count === null || sum === null || count <= 0 ? null : `${((sum / count) * 1000).toFixed(1)} ms`
}

const percent = (fraction: number | null): string | null =>
  fraction === null ? null : `${(fraction * 100).toFixed(1)} %`
