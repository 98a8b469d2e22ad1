import type {
  BenchmarkResult,
  BenchmarkTest,
  Percentiles,
  ServingFigures,
} from '../../../../shared/contract/benchmarkResults.ts'
import type { Load, ServiceLimits } from '../../../../shared/contract/benchmarkSettings.ts'
import { loadName } from '../../../../shared/testName.ts'
import { formatPercent } from '../../../lib/format.ts'
import { groupBy, type Limit, type Point, point, type Series } from '../charts/series.ts'

export type Served = BenchmarkResult & {
  readonly test: Extract<BenchmarkTest, { type: 'serving' }>
  readonly serving: ServingFigures
}
export const isServed = (result: BenchmarkResult): result is Served =>
  result.test.type === 'serving' && result.serving !== null

export const levelOf = (load: Load): number => (load.by === 'concurrency' ? load.level : load.requestsPerSecond)

/** Loads of one kind, lightest first. One pane cannot show requests at once and requests per second. */
export type Ladder = { readonly by: Load['by']; readonly results: readonly Served[] }

export const ladders = (results: readonly BenchmarkResult[]): readonly Ladder[] =>
  [...groupBy(results.filter(isServed), ({ test }) => test.load.by)].map(([, group]) => ({
    by: group[0]?.test.load.by ?? 'concurrency',
    results: [...group].sort((a, b) => levelOf(a.test.load) - levelOf(b.test.load)),
  }))

export const ladderTitle = (by: Load['by']): string =>
  by === 'concurrency' ? 'Requests at once' : 'Requests that arrive per second'
export const levelText = (by: Load['by'], level: number): string =>
  loadName(by === 'concurrency' ? { by, level } : { by, requestsPerSecond: level })

/** One point a level; where the search came to a level again, its last answer counts. */
const pointsOf = (
  { results }: Ladder,
  read: (result: Served) => number | null,
  intervalOf: (result: Served) => { low: number; high: number } | null = () => null,
): readonly Point[] => {
  const points = new Map<number, Point>()
  for (const result of results) {
    const value = read(result)
    const x = levelOf(result.test.load)
    if (value !== null) points.set(x, point(x, value, intervalOf(result)))
  }
  return [...points.values()]
}

const line = (id: string, name: string, points: readonly Point[]): Series => ({ id, name, points })
const drawn = (series: readonly Series[]): readonly Series[] => series.filter(({ points }) => points.length > 0)

/** Tokens per second, out and, where it was counted, in. */
export const throughputSeries = (ladder: Ladder): readonly Series[] =>
  drawn([
    line(
      'out',
      'tokens of answers',
      pointsOf(ladder, ({ serving }) => serving.outputTokensPerSecond),
    ),
  ])

/** All requests per second, and those that kept the limits. */
export const requestSeries = (ladder: Ladder): readonly Series[] =>
  drawn([
    line(
      'all',
      'answered',
      pointsOf(ladder, ({ serving }) => serving.requestsPerSecond),
    ),
    line(
      'good',
      'goodput: kept the limits',
      pointsOf(ladder, ({ serving }) => serving.goodput?.requestsPerSecond ?? null),
    ),
  ])

export const latencies = ['ttft', 'itl', 'tpot', 'e2e'] as const
export type Latency = (typeof latencies)[number]
export const latencyNames: Readonly<Record<Latency, string>> = {
  ttft: 'TTFT',
  itl: 'ITL',
  tpot: 'TPOT',
  e2e: 'E2E',
}
export const latencyWords: Readonly<Record<Latency, string>> = {
  ttft: 'Time to the first token (TTFT)',
  itl: 'Time between pieces of an answer (ITL)',
  tpot: 'Mean time per token of an answer (TPOT)',
  e2e: 'Time to the end of the answer (E2E)',
}
export const percentilesIn = (figures: ServingFigures, latency: Latency): Percentiles =>
  ({ ttft: figures.ttftMs, itl: figures.itlMs, tpot: figures.tpotMs, e2e: figures.e2eMs })[latency]

export const shownPercentiles = ['p50', 'p95', 'p99'] as const

export const latencySeries = (ladder: Ladder, latency: Latency): readonly Series[] =>
  drawn(
    shownPercentiles.map((part) =>
      line(
        part,
        part,
        pointsOf(ladder, ({ serving }) => percentilesIn(serving, latency)[part]),
      ),
    ),
  )

const limitField = { ttft: 'ttftMs', itl: 'itlMs', tpot: 'tpotMs', e2e: 'e2eMs' } as const

export const limitOf = (limits: ServiceLimits | null, latency: Latency): readonly Limit[] => {
  const y = limits?.[limitField[latency]]
  return y === undefined ? [] : [{ y, name: `limit ${y.toLocaleString('en-US')} ms` }]
}

/** Of 100 requests, so many must keep the limits for a load to count. */
const enough = 0.95

export type Highest = { readonly found: Served | null; readonly text: string }

/** The highest load that kept the limits; null where no limit was set. Loads above one that failed do not count. */
export const highestLoad = ({ results }: Ladder): Highest | null => {
  const judged = results.filter(({ serving }) => serving.goodput !== null)
  if (judged.length === 0) return null
  const byLevel = [...groupBy(judged, ({ test }) => String(levelOf(test.load)))].map(([, group]) => group.at(-1))
  let found: Served | null = null
  for (const result of byLevel) {
    if (result === undefined || (result.serving.goodput?.part ?? 0) < enough) break
    found = result
  }
  return found === null
    ? { found, text: 'At no load did 95 of 100 requests keep the limits.' }
    : {
        found,
        text: `Highest load that keeps the limits: ${loadName(found.test.load)}, where ${formatPercent(found.serving.goodput?.part)} of the requests kept them.`,
      }
}
