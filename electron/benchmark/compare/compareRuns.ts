import { setImmediate } from 'node:timers/promises'
import type { Comparison } from '../../../shared/contract/benchmarkAnswers.ts'
import type { BenchmarkId, ServiceLimits } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample, BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import { testName } from '../../../shared/testName.ts'
import type { SampleSet } from './bootstrap.ts'
import { changeOf, setOf } from './change.ts'
import { type Metric, metricsOf } from './metrics.ts'
import { type Measured, type Row, rowsOf } from './rows.ts'

/** Raw samples of one result; null: there are none. */
export type LoadSamples = (benchmark: BenchmarkId, position: number) => Promise<readonly BenchmarkSample[] | null>

/** A result with what its samples give. */
interface Cell extends Measured {
  readonly sets: ReadonlyMap<FiguresOf, SampleSet>
}
type FiguresOf = NonNullable<Metric['samples']>['figures']

const limitsOf = (runs: readonly BenchmarkWithResults[], id: BenchmarkId): ServiceLimits => {
  const settings = runs.find(({ benchmark }) => benchmark.benchmark === id)?.benchmark.settings
  return settings?.kind === 'serving' ? settings.limits : {}
}

const nameOf = ({ test, options }: Row, { name }: Metric): string =>
  [testName(test), name, options].filter((part) => part !== '').join(', ')

const compareMetric = async (row: Row, metric: Metric, cells: readonly (Cell | null)[]): Promise<Comparison | null> => {
  const sides = cells.map((cell) => {
    const value = cell && metric.value(cell.result)
    return cell === null || value === null
      ? null
      : { cell, value, set: (metric.samples && cell.sets.get(metric.samples.figures)) ?? null }
  })
  const first = sides.find((side) => side !== null)
  if (!first) return null
  const compared: Comparison['cells'] = []
  for (const side of sides) {
    if (side === null) compared.push(null)
    else {
      const { benchmark, result } = side.cell
      const statistic = metric.samples?.statistic ?? 'mean'
      const change = side === first ? null : await changeOf(first, side, { statistic, better: metric.better })
      compared.push({
        benchmark,
        position: result.position,
        value: side.value,
        interval: metric.interval(result),
        change,
      })
    }
  }
  const { metric: id, unit, better } = metric
  return { name: nameOf(row, metric), test: row.test, metric: id, unit, better, cells: compared }
}

/**
 * Each figure of the runs beside the first run that has it. Differences come from raw samples, loaded test by test, so that
 * those of one test are in memory at a time.
 */
export const compareRuns = async (
  runs: readonly BenchmarkWithResults[],
  loadSamples: LoadSamples,
): Promise<Comparison[]> => {
  const comparisons: Comparison[] = []
  for (const row of rowsOf(runs)) {
    const measured = row.cells.find((cell) => cell !== null)
    const metrics = measured ? metricsOf(measured.result) : []
    const isCompared = row.cells.filter((cell) => cell !== null).length > 1
    const cells: (Cell | null)[] = []
    for (const cell of row.cells) {
      if (cell === null) cells.push(null)
      else {
        const samples = isCompared ? ((await loadSamples(cell.benchmark, cell.result.position)) ?? []) : []
        cells.push({ ...cell, sets: await setsOf(metrics, samples, limitsOf(runs, cell.benchmark)) })
      }
    }
    for (const metric of metrics) {
      const comparison = await compareMetric(row, metric, cells)
      if (comparison) comparisons.push(comparison)
    }
  }
  return comparisons
}

/** Those of a large result take a few milliseconds each: others get their turn between them. */
const setsOf = async (metrics: readonly Metric[], samples: readonly BenchmarkSample[], limits: ServiceLimits) => {
  const sets = new Map<FiguresOf, SampleSet>()
  for (const { samples: from } of metrics) {
    if (from === null || sets.has(from.figures) || samples.length === 0) continue
    sets.set(from.figures, setOf(from.figures(samples, limits)))
    await setImmediate()
  }
  return sets
}
