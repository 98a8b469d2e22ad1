import type { Load } from '../../../shared/contract/benchmarks.ts'
import type { Column } from './compareRows.ts'
import { type SpeedPane, speedPanes } from './engineSeries.ts'
import { groupBy, point, type Series } from './series.ts'
import {
  type Ladder,
  type Latency,
  ladders,
  levelOf,
  percentilesIn,
  type Served,
  throughputSeries,
} from './servingSeries.ts'

/** A line of a run: its letter and, where it has several, which. */
const named = ({ id, letter }: Column, part: string | null): { id: string; name: string } =>
  part === null ? { id, name: letter } : { id: `${id} ${part}`, name: `${letter} ${part}` }

export type RunsPane = Omit<SpeedPane, 'id'> & { readonly id: string }

/** Speed over depth of all runs: a pane for each test that two runs at least have over depths, e.g. `tg128`. */
export const depthPanes = (columns: readonly Column[]): readonly RunsPane[] => {
  const lines = columns.flatMap((column) =>
    speedPanes(column.run.results).flatMap(({ title, series }) =>
      series.map(({ name, points }) => ({ test: name, title, line: { ...named(column, null), points } })),
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
    return points.length === 0 ? [] : [{ ...named(column, null), points }]
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
    return points.length === 0 ? [] : [{ ...named(column, null), points }]
  })

const percentilePoints = ({ serving }: Served, latency: Latency) => {
  const percentiles = percentilesIn(serving, latency)
  return percentileSteps.flatMap((part, index) => {
    const ms = percentiles[part]
    return ms === null ? [] : [point(index, ms)]
  })
}
