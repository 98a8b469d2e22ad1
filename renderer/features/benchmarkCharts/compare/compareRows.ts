import type { Comparison } from '../../../../shared/contract/benchmarkAnswers.ts'
import type { Benchmark, BenchmarkWithResults } from '../../../../shared/contract/benchmarks.ts'
import { testName } from '../../../../shared/testName.ts'
import { groupBy } from '../charts/series.ts'
import { isReadOnce, metricNames, type Verdict } from '../verdict.ts'

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
  const groups = groupBy(comparisons, ({ test }) => testName(test))
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

type Answered = { readonly runs: readonly BenchmarkWithResults[]; readonly gone: readonly string[] }

/** Where the wanted one is gone, the first that is there is what the others stand beside. */
export const baselineOf = ({ runs, gone }: Answered, wanted: string | null): string | null =>
  wanted !== null && !gone.includes(wanted) ? wanted : (runs[0]?.benchmark.benchmark ?? null)

/** A link may be older than what was removed since. */
export const goneWords = ({ gone }: Pick<Answered, 'gone'>): string => {
  const [who, them] = gone.length === 1 ? ['One run was', 'it'] : [`${gone.length} runs were`, 'them']
  return `${who} removed, and the others are compared without ${them}: ${gone.join(', ')}.`
}

export const onlyDiffering = (groups: readonly CompareGroup[]): readonly CompareGroup[] =>
  groups
    .map(({ title, rows }) => ({ title, rows: rows.filter((row) => row.differs) }))
    .filter(({ rows }) => rows.length > 0)

/** Measured by two runs at least. */
export const hasCommon = (comparisons: readonly Comparison[]): boolean =>
  comparisons.some(({ cells }) => cells.filter((cell) => cell !== null).length > 1)

/** A letter for each run, as far as the alphabet of twenty runs goes: short enough for a point in a chart. */
const letterOf = (index: number): string => String.fromCharCode(65 + (index % 26))

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

/** What the name says beside the test that stands above: `TTFT p99, threads 4`; for what a test is named for, the metric. */
export const rowWords = ({ name, metric }: Pick<Comparison, 'name' | 'metric'>, title: string): string => {
  const rest = name.startsWith(title) ? name.slice(title.length).replace(/^[\s,]+/, '') : name
  if (rest === '') return metricNames[metric]
  return metric === 'speed' || metric === 'load' ? `${metricNames[metric]}, ${rest}` : rest
}

/** How often a run differs from the baseline, and how; what is read once a run is not judged. */
export type Tally = Readonly<Record<Verdict, number>>

export const tallyOf = (groups: readonly CompareGroup[], column: number): Tally => {
  const tally = { better: 0, worse: 0, noise: 0, unknown: 0 }
  for (const { rows } of groups)
    for (const { cells, comparison } of rows) {
      const verdict = cells[column]?.change?.verdict
      if (verdict !== undefined && !(verdict === 'unknown' && isReadOnce(comparison.metric))) tally[verdict] += 1
    }
  return tally
}

/** `11 better · 2 worse · 9 within noise`; what did not happen is left out. */
export const tallyWords = ({ better, worse, noise, unknown }: Tally): string =>
  [
    [better, 'better'],
    [worse, 'worse'],
    [noise, 'within noise'],
    [unknown, 'with too few samples'],
  ]
    .filter(([count]) => count !== 0)
    .map((parts) => parts.join(' '))
    .join(' · ') || 'nothing in common with the baseline'

/** Facts of a run that tell it from the others beside it. */
const facts: readonly ((run: Benchmark) => string | null)[] = [
  ({ record, model }) => record?.model.name ?? model,
  ({ record }) => record?.model.quantization ?? null,
  ({ record, provider }) => record?.provider.name ?? provider,
  ({ record }) => record?.provider.version ?? null,
  ({ label }) => label,
]

/** `A qwen3:8b Q4_K_M`: the letter and what is not the same for all; the model where nothing differs. By run. */
export const runTitles = (columns: readonly Column[]): ReadonlyMap<string, string> => {
  const runs = columns.map(({ run }) => run.benchmark)
  const told = facts.filter((fact) => new Set(runs.map(fact)).size > 1)
  const shown = told.length === 0 ? facts.slice(0, 1) : told
  return new Map(
    columns.map(({ id, letter, run }) => [
      id,
      [letter, ...shown.map((fact) => fact(run.benchmark)).filter((text) => text !== null)].join(' '),
    ]),
  )
}
