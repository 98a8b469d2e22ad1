import type { BenchmarkWithResults } from '../../../../shared/contract/benchmarks.ts'
import classes from '../charts/charts.module.css'
import { DistributionChart } from './DistributionChart.tsx'
import { EmbeddingCharts } from './EmbeddingCharts.tsx'
import { LoadTimes, SpeedCharts } from './EngineCharts.tsx'
import { MemoryChart } from './MemoryChart.tsx'
import { ServingCharts } from './ServingCharts.tsx'
import { SweepCharts } from './SweepCharts.tsx'

/** What one run measured, as charts; follows a run that is still under way. As wide as where it stands. */
export function RunCharts({ run }: { readonly run: BenchmarkWithResults }) {
  const { benchmark, results } = run
  if (results.length === 0) return <p className={classes.dim}>{emptyWords[benchmark.state]}</p>
  return (
    <div className={classes.charts}>
      <SpeedCharts results={results} />
      <SweepCharts results={results} />
      <ServingCharts run={run} />
      <EmbeddingCharts results={results} />
      <DistributionChart run={run} />
      <LoadTimes results={results} />
      <MemoryChart run={run} />
    </div>
  )
}

const emptyWords = {
  queued: 'It has not begun. What it measures will show here.',
  running: 'The first result will show here.',
  done: 'It ended without a result.',
  failed: 'It failed before the first result.',
  cancelled: 'It was cancelled before the first result.',
} as const
