import type { BenchmarkTrend, Comparison } from '../../../shared/contract/benchmarkAnswers.ts'

type Cell = NonNullable<Comparison['cells'][number]>
export type Change = NonNullable<Cell['change']>
export type Verdict = Change['verdict']
export type Metric = Comparison['metric']

/** What a figure is when it is more, and when it is less. */
const words: Readonly<Record<Metric, { readonly more: string; readonly less: string }>> = {
  speed: { more: 'faster', less: 'slower' },
  load: { more: 'longer', less: 'shorter' },
  throughput: { more: 'more', less: 'less' },
  ttft: { more: 'later', less: 'sooner' },
  itl: { more: 'longer', less: 'shorter' },
  tpot: { more: 'longer', less: 'shorter' },
  e2e: { more: 'longer', less: 'shorter' },
  goodput: { more: 'more', less: 'less' },
  memory: { more: 'more', less: 'less' },
  energy: { more: 'more per joule', less: 'less per joule' },
}

/** A difference as people say it: `12 %`, `0.4 %`, `3.1 ×` from three times on. */
export const changeSize = (relative: number): string => {
  const factor = 1 + relative
  if (factor >= 3) return `${factor < 99.5 ? factor.toFixed(1) : Math.round(factor).toLocaleString('en-US')} ×`
  const percent = Math.abs(relative) * 100
  return `${percent < 9.95 ? percent.toFixed(1).replace(/\.0$/, '') : Math.round(percent)} %`
}

const sized = (metric: Metric, relative: number): string => {
  const { more, less } = words[metric]
  if (1 + relative >= 3) return `${changeSize(relative)} as ${asMuch[metric]}`
  return `${changeSize(relative)} ${relative < 0 ? less : more}`
}

/** “3.1 × as fast”: more than double is no longer said in percent. */
const asMuch: Readonly<Record<Metric, string>> = {
  speed: 'fast',
  load: 'long',
  throughput: 'much',
  ttft: 'late',
  itl: 'long',
  tpot: 'long',
  e2e: 'long',
  goodput: 'much',
  memory: 'much',
  energy: 'much per joule',
}

/** Read once a run: there is nothing to draw an interval from, and the difference is still worth saying. */
export const isReadOnce = (metric: Metric): boolean => metric === 'memory' || metric === 'energy'

/** Less than that is no difference that a person would act on. */
const leastChange = 0.01

const onceText = (metric: Metric, relative: number | null): string => {
  if (relative === null) return 'measured once'
  return Math.abs(relative) < leastChange ? 'about the same' : `${sized(metric, relative)}, measured once`
}

/** `12 % faster`, `within noise`, `too few samples to tell`; `76 % more, measured once`. */
export const verdictText = (metric: Metric, { relative, verdict }: Pick<Change, 'relative' | 'verdict'>): string => {
  if (verdict === 'noise') return 'within noise'
  if (verdict === 'unknown') return isReadOnce(metric) ? onceText(metric, relative) : 'too few samples to tell'
  return relative === null ? verdict : sized(metric, relative)
}

const signed = (part: number): string => `${part < 0 ? '−' : '+'}${changeSize(Math.min(part, 1.99))}`

/** For whoever wants to know how sure: the difference and its 95 % interval. */
export const verdictTip = (metric: Metric, { relative, interval, verdict }: Change): string => {
  if (relative === null) return 'The baseline is zero: there is no part of it to tell.'
  const size = `${signed(relative)} beside the baseline`
  if (isReadOnce(metric)) return `${size}. It is read once a run, so nothing tells how much it varies.`
  if (interval === null) return `${size}. Too few samples to tell whether that is more than noise.`
  const range = `${size}, 95 % interval ${signed(interval.low)} to ${signed(interval.high)}`
  return verdict === 'noise' ? `${range}: it holds zero, or is too small to matter.` : `${range}.`
}

export const metricNames: Readonly<Record<Metric, string>> = {
  speed: 'speed',
  load: 'load time',
  throughput: 'throughput',
  ttft: 'TTFT',
  itl: 'ITL',
  tpot: 'TPOT',
  e2e: 'E2E',
  goodput: 'goodput',
  memory: 'peak memory',
  energy: 'tokens per joule',
}

type TrendPoint = BenchmarkTrend['points'][number]

export const metricOf = ({ type }: BenchmarkTrend['test']): Metric =>
  type === 'load' ? 'load' : type === 'serving' ? 'throughput' : 'speed'

/** `8 % slower since b11669`, `8 % longer since 0.9.2`. */
export const sinceText = (
  test: BenchmarkTrend['test'],
  { relative, version, verdict }: Pick<TrendPoint, 'relative' | 'version' | 'verdict'>,
): string => {
  const size = verdictText(metricOf(test), { relative, verdict: verdict ?? 'unknown' })
  return version === null ? size : `${size} since ${version}`
}
