import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import type { Load } from '../../../../shared/contract/benchmarkSettings.ts'
import { testName } from '../../../../shared/testName.ts'
import { groupBy, point, type Series } from '../charts/series.ts'
import { embeddingSpeed } from '../runCharts/embeddingSeries.ts'
import { isSpeed, type SpeedPane, speedName, speedPanes } from '../runCharts/engineSeries.ts'
import {
  type Ladder,
  type Latency,
  ladders,
  levelOf,
  percentilesIn,
  type Served,
  throughputSeries,
} from '../runCharts/servingSeries.ts'
import type { Column } from './compareRows.ts'

/** The line of a run. */
const named = ({ id, letter }: Column): { id: string; name: string } => ({ id, name: letter })

export type RunsPane = Omit<SpeedPane, 'id'> & { readonly id: string }

/** Speed over depth of all runs: a pane for each test that two runs at least have over depths, e.g. `tg128`. */
export const depthPanes = (columns: readonly Column[]): readonly RunsPane[] => {
  const lines = columns.flatMap((column) =>
    speedPanes(column.run.results).flatMap(({ title, series }) =>
      series.map(({ name, points }) => ({ test: name, title, line: { ...named(column), points } })),
    ),
  )
  return [...groupBy(lines, ({ test }) => test)]
    .map(([test, group]) => ({
      id: test,
      title: `${group[0]?.title ?? ''}, ${test}`,
      series: group.map(({ line }) => line),
    }))
    .filter(({ series }) => series.some(({ points }) => points.length > 1))
}

const laddersBy = (columns: readonly Column[], by: Load['by']): readonly { column: Column; ladder: Ladder }[] =>
  columns.flatMap((column) =>
    ladders(column.run.results)
      .filter((ladder) => ladder.by === by)
      .map((ladder) => ({ column, ladder })),
  )

/** Throughput over load of all runs; empty where none has one. */
export const throughputLines = (columns: readonly Column[], by: Load['by']): readonly Series[] =>
  laddersBy(columns, by).flatMap(({ column, ladder }) => {
    const points = throughputSeries(ladder)[0]?.points ?? []
    return points.length === 0 ? [] : [{ ...named(column), points }]
  })

/** Loads that were measured, those of most runs first, so that the first choice shows most. */
export const sharedLevels = (columns: readonly Column[], by: Load['by']): readonly number[] => {
  const runsAt = new Map<number, number>()
  for (const { ladder } of laddersBy(columns, by))
    for (const level of new Set(ladder.results.map(({ test }) => levelOf(test.load))))
      runsAt.set(level, (runsAt.get(level) ?? 0) + 1)
  return [...runsAt].sort(([a, runsA], [b, runsB]) => runsB - runsA || a - b).map(([level]) => level)
}

/** Places of the axis: evenly spaced, the tail gets as much room as the middle. */
export const percentileSteps = ['p50', 'p90', 'p95', 'p99'] as const

export const percentileLines = (
  columns: readonly Column[],
  by: Load['by'],
  level: number,
  latency: Latency,
): readonly Series[] =>
  laddersBy(columns, by).flatMap(({ column, ladder }) => {
    const result = ladder.results.findLast(({ test }) => levelOf(test.load) === level)
    const points = result === undefined ? [] : percentilePoints(result, latency)
    return points.length === 0 ? [] : [{ ...named(column), points }]
  })

const percentilePoints = ({ serving }: Served, latency: Latency) => {
  const percentiles = percentilesIn(serving, latency)
  return percentileSteps.flatMap((part, index) => {
    const ms = percentiles[part]
    return ms === null ? [] : [point(index, ms)]
  })
}

/** Texts per second over batch size of all runs: a pane for each length of text. */
export const embeddingPanes = (columns: readonly Column[]): readonly RunsPane[] => {
  const lines = columns.flatMap((column) =>
    embeddingSpeed(column.run.results).map(({ id, name, points }) => ({
      length: id,
      name,
      line: { ...named(column), points },
    })),
  )
  return [...groupBy(lines, ({ length }) => length)].map(([length, group]) => ({
    id: length,
    title: `Embedding, ${group[0]?.name ?? ''}`,
    series: group.map(({ line }) => line),
  }))
}

export type TestBars = {
  readonly test: string
  readonly results: readonly { readonly column: Column; readonly result: BenchmarkResult }[]
}

/** Speeds that no chart over depth shows, because each run has them at one depth: the best of each run, a list for each test. */
export const testBars = (columns: readonly Column[], panes: readonly RunsPane[]): readonly TestBars[] => {
  const drawn = new Set(panes.map(({ id }) => id))
  const speeds = columns.flatMap((column) => {
    const tests = groupBy(
      column.run.results.filter(isSpeed).filter(({ test }) => !drawn.has(speedName(test))),
      ({ test }) => testName(test),
    )
    return [...tests].map(([test, results]) => ({
      test,
      column,
      result: results.reduce((best, each) => (each.statistics.mean > best.statistics.mean ? each : best)),
    }))
  })
  return [...groupBy(speeds, ({ test }) => test)]
    .map(([test, results]) => ({ test, results }))
    .filter(({ results }) => results.length > 1)
}
