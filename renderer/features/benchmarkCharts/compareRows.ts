import type { BenchmarkWithResults, Comparison } from '../../../shared/contract/benchmarks.ts'
import { testWords } from '../../lib/benchmarkTests.ts'
import { groupBy } from './series.ts'

export type CompareCell = Comparison['cells'][number]
export type CompareRow = {
  readonly id: string
  readonly comparison: Comparison
  /** by run, in the order of the columns; null: that run did not measure it */
  readonly cells: readonly CompareCell[]
  /** some run differs by more than noise */
  readonly differs: boolean
}
export type CompareGroup = { readonly title: string; readonly rows: readonly CompareRow[] }

const differs = ({ cells }: Comparison): boolean =>
  cells.some((cell) => cell?.change?.verdict === 'better' || cell?.change?.verdict === 'worse')

/** Rows by test; `asked`: the order that the cells have, `shown`: the order of the columns, which does not change with the baseline. */
export const compareGroups = (
  comparisons: readonly Comparison[],
  asked: readonly string[],
  shown: readonly string[],
): readonly CompareGroup[] => {
  const places = shown.map((id) => asked.indexOf(id))
  const groups = groupBy(comparisons, ({ test }) => testWords(test))
  return [...groups].map(([title, group]) => ({
    title,
    rows: group.map((comparison, index) => ({
      id: `${comparison.name} ${comparison.metric} ${index}`,
      comparison,
      cells: places.map((place) => comparison.cells[place] ?? null),
      differs: differs(comparison),
    })),
  }))
}

export const onlyDiffering = (groups: readonly CompareGroup[]): readonly CompareGroup[] =>
  groups
    .map(({ title, rows }) => ({ title, rows: rows.filter((row) => row.differs) }))
    .filter(({ rows }) => rows.length > 0)

/** Measured by two runs at least. */
export const hasCommon = (comparisons: readonly Comparison[]): boolean =>
  comparisons.some(({ cells }) => cells.filter((cell) => cell !== null).length > 1)

/** A letter for each run, as far as the alphabet of twenty runs goes: short enough for a point in a chart. */
export const letterOf = (index: number): string => String.fromCharCode(65 + (index % 26))

export type Column = {
  readonly id: string
  readonly letter: string
  readonly run: BenchmarkWithResults
}
/** In the order that was asked for at first; what main does not know any more is left out. */
export const columnsOf = (runs: readonly BenchmarkWithResults[], shown: readonly string[]): readonly Column[] =>
  shown.flatMap((id, index) => {
    const run = runs.find(({ benchmark }) => benchmark.benchmark === id)
    return run === undefined ? [] : [{ id, letter: letterOf(index), run }]
  })
