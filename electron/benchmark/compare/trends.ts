import { setImmediate } from 'node:timers/promises'
import type { BenchmarkTrend } from '../../../shared/contract/benchmarkAnswers.ts'
import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import type { Benchmark } from '../../../shared/contract/benchmarks.ts'
import { optionsKey } from '../../../shared/optionsKey.ts'
import { testName } from '../../../shared/testName.ts'
import { changeOf, setOf } from './change.ts'
import type { LoadSamples } from './compareRuns.ts'
import { metricsOf } from './metrics.ts'
import { differing, groupBy, optionsText } from './rows.ts'

interface Point {
  readonly run: Benchmark
  readonly result: BenchmarkResult
}
type TrendPoint = BenchmarkTrend['points'][number]

/** Newest results of the version before that count: later ones of it, with what the machine was like then. */
const mostBefore = 3

const versionOf = ({ run }: Point): string | null => run.record?.provider.version ?? null

/** Where it was measured. Another machine or provider gives another line, not another version. */
const placeOf = ({ provider, source, record }: Benchmark): string =>
  JSON.stringify([provider, source, record?.provider.host, record?.cpu, record?.devices.map(({ name }) => name)])

/** Not a step of a search: each run takes its own. */
const isFollowed = ({ test }: BenchmarkResult): boolean => !(test.type === 'serving' && test.search)

const pointsOf = async (runs: readonly Benchmark[], results: (run: Benchmark) => readonly BenchmarkResult[]) => {
  const points: Point[] = []
  for (const run of runs) {
    for (const result of results(run)) if (isFollowed(result)) points.push({ run, result })
    await setImmediate()
  }
  return points
}

type FiguresOf = (point: Point) => Promise<readonly number[]>

/** Each result's samples are read once, though several later ones are compared with it. */
const rememberedFigures = (loadSamples: LoadSamples): FiguresOf => {
  const known = new Map<Point, readonly number[]>()
  return async (point) => {
    const { run, result } = point
    const values = known.get(point)
    if (values) return values
    const from = metricsOf(result)[0]?.samples
    const samples = from ? await loadSamples(run.benchmark, result.position) : null
    const figures = samples && from ? Array.from(from.figures(samples, {}).values) : []
    known.set(point, figures)
    return figures
  }
}

/** The last results of another, known version before this place; empty: there is none. */
const before = (points: readonly Point[], index: number): Point[] => {
  const [here] = points.slice(index, index + 1).map(versionOf)
  const others = points.slice(0, index).filter((point) => versionOf(point) !== null && versionOf(point) !== here)
  const last = others.at(-1)
  return here === null || !last ? [] : others.filter((point) => versionOf(point) === versionOf(last)).slice(-mostBefore)
}

const mean = (points: readonly Point[]): number =>
  points.reduce((sum, { result }) => sum + result.statistics.mean, 0) / points.length

const side = async (points: readonly Point[], figuresOf: FiguresOf) => {
  const values: number[] = []
  for (const point of points) values.push(...(await figuresOf(point)))
  return { value: mean(points), set: setOf({ values, groups: null }) }
}

const pointAt = async (points: readonly Point[], index: number, figuresOf: FiguresOf): Promise<TrendPoint[]> => {
  const [point] = points.slice(index, index + 1)
  const [metric] = point ? metricsOf(point.result) : []
  if (!point || !metric) return []
  const { run, result } = point
  const earlier = before(points, index)
  const change =
    earlier.length === 0
      ? null
      : await changeOf(await side(earlier, figuresOf), await side([point], figuresOf), {
          statistic: 'mean',
          better: metric.better,
        })
  return [
    {
      benchmark: run.benchmark,
      position: result.position,
      at: result.measuredAt,
      version: versionOf(point),
      value: result.statistics.mean,
      interval: result.statistics.interval,
      verdict: change?.verdict ?? null,
      relative: change?.relative ?? null,
    },
  ]
}

/**
 * Each test of one model over time: the same test with the same options at the same place. What became slower than with the
 * version before is marked `worse`.
 * @param runs of one model
 * @param results of one run; asked run by run, so that a long history does not hold up the rest
 */
export const trendsOf = async (
  runs: readonly Benchmark[],
  results: (run: Benchmark) => readonly BenchmarkResult[],
  loadSamples: LoadSamples,
): Promise<BenchmarkTrend[]> => {
  const points = await pointsOf(runs, results)
  const lines = [
    ...groupBy(points, ({ run, result }) =>
      JSON.stringify([result.test, result.unit, optionsKey(result.options), placeOf(run)]),
    ).values(),
  ]
  const alike = groupBy(
    lines.flatMap((line) => line.slice(0, 1)),
    ({ result }) => testName(result.test),
  )
  const trends: BenchmarkTrend[] = []
  for (const line of lines) {
    const [first] = line
    if (!first) continue
    const { test, options, unit } = first.result
    const sorted = line.sort((a, b) => a.result.measuredAt - b.result.measuredAt)
    const figuresOf = rememberedFigures(loadSamples)
    const trend: TrendPoint[] = []
    for (const index of sorted.keys()) trend.push(...(await pointAt(sorted, index, figuresOf)))
    trends.push({ name: nameOf(first, alike.get(testName(test)) ?? []), test, options, unit, points: trend })
  }
  return trends
}

/** The test, and what tells this line from others of the same test. */
const nameOf = ({ run, result }: Point, alike: readonly Point[]): string => {
  const which = differing(alike.map((other) => other.result.options))
  const isElsewhere = (of: (run: Benchmark) => string | undefined) =>
    new Set(alike.map((other) => of(other.run))).size > 1
  const parts = [
    testName(result.test),
    optionsText(result.options, which),
    isElsewhere(({ provider }) => provider) ? run.provider : '',
    isElsewhere(({ source }) => source) && run.source !== 'berth' ? 'imported' : '',
    isElsewhere(({ record }) => record?.cpu ?? undefined) ? (run.record?.cpu ?? '') : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
