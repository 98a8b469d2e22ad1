import type { BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import { formatMeasured } from '../../lib/benchmarkFigures.ts'
import { testWords } from '../../lib/benchmarkTests.ts'

/** What one run measured, as charts; follows a run that is still under way. As wide as where it stands. */
export function RunCharts({ run }: { readonly run: BenchmarkWithResults }) {
  return (
    <ul>
      {run.results.map(({ position, test, statistics, unit }) => (
        <li key={position}>
          {testWords(test)}: {formatMeasured(statistics.mean, unit)}
        </li>
      ))}
    </ul>
  )
}
