import type { Comparison } from '../../../shared/contract/benchmarkAnswers.ts'
import type { BenchmarkResult, Percentiles } from '../../../shared/contract/benchmarkResults.ts'
import type { ServiceLimits } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import { modelBytes } from '../../../shared/modelBytes.ts'
import type { Interval, Statistic } from './bootstrap.ts'
import {
  e2eMs,
  type Figures,
  goodOverTime,
  itlMs,
  repetitionMs,
  repetitionValues,
  tokensOverTime,
  tpotMs,
  ttftMs,
} from './sampleFigures.ts'

/** One figure that results of a kind have. */
export interface Metric {
  readonly metric: Comparison['metric']
  /** beside the name of the test; empty for what the test itself is named for */
  readonly name: string
  readonly unit: string
  readonly better: Comparison['better']
  readonly value: (result: BenchmarkResult) => number | null
  readonly interval: (result: BenchmarkResult) => Interval | null
  /** where it comes from; null: there is one figure, and nothing to draw from */
  readonly samples: {
    readonly statistic: Statistic
    readonly figures: (samples: readonly BenchmarkSample[], limits: ServiceLimits) => Figures
  } | null
}

const mean = ({ statistics }: BenchmarkResult) => statistics.mean
const interval = ({ statistics }: BenchmarkResult) => statistics.interval
const none = () => null

type Part = 'p50' | 'p99'
const parts: Readonly<Record<Part, number>> = { p50: 0.5, p99: 0.99 }

const latency = (
  metric: Metric['metric'],
  word: string,
  part: Part,
  of: (result: BenchmarkResult) => Percentiles | undefined,
  figures: (samples: readonly BenchmarkSample[]) => Figures,
): Metric => ({
  metric,
  name: `${word} ${part}`,
  unit: 'ms',
  better: 'lower',
  value: (result) => of(result)?.[part] ?? null,
  interval: none,
  samples: { statistic: parts[part], figures },
})

const memory: Metric = {
  metric: 'memory',
  name: 'peak memory',
  unit: 'bytes',
  better: 'lower',
  value: (result) => modelBytes(result.memory),
  interval: none,
  samples: null,
}
const energy: Metric = {
  metric: 'energy',
  name: 'tokens per joule',
  unit: 'tokens/J',
  better: 'higher',
  value: ({ tokensPerJoule }) => tokensPerJoule,
  interval: none,
  samples: null,
}

const repeated = { statistic: 'mean', figures: repetitionValues } as const

const speed = (unit: string): Metric => ({
  metric: 'speed',
  name: '',
  unit,
  better: 'higher',
  value: mean,
  interval,
  samples: repeated,
})
const load: Metric = { ...speed('ms'), metric: 'load', better: 'lower' }

const serving: readonly Metric[] = [
  {
    ...speed('tokens/s'),
    metric: 'throughput',
    name: 'throughput',
    samples: { statistic: 'mean', figures: tokensOverTime },
  },
  latency('ttft', 'TTFT', 'p50', (result) => result.serving?.ttftMs, ttftMs),
  latency('ttft', 'TTFT', 'p99', (result) => result.serving?.ttftMs, ttftMs),
  latency('itl', 'ITL', 'p50', (result) => result.serving?.itlMs, itlMs),
  latency('itl', 'ITL', 'p99', (result) => result.serving?.itlMs, itlMs),
  latency('tpot', 'TPOT', 'p50', (result) => result.serving?.tpotMs, tpotMs),
  latency('e2e', 'E2E', 'p50', (result) => result.serving?.e2eMs, e2eMs),
  latency('e2e', 'E2E', 'p99', (result) => result.serving?.e2eMs, e2eMs),
  {
    metric: 'goodput',
    name: 'goodput',
    unit: 'requests/s',
    better: 'higher',
    value: (result) => result.serving?.goodput?.requestsPerSecond ?? null,
    interval: none,
    samples: { statistic: 'mean', figures: goodOverTime },
  },
]

/** In the order in which they are shown. */
export const metricsOf = ({ test, unit }: BenchmarkResult): readonly Metric[] => {
  switch (test.type) {
    case 'load':
      return [load, memory]
    case 'serving':
      return [...serving, memory, energy]
    case 'embedding':
      return [
        speed(unit),
        latency('e2e', 'E2E', 'p50', (result) => result.embedding?.latencyMs, repetitionMs),
        latency('e2e', 'E2E', 'p99', (result) => result.embedding?.latencyMs, repetitionMs),
        memory,
        energy,
      ]
    default:
      return [speed(unit), memory, energy]
  }
}
