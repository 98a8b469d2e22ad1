import type { BenchmarkId } from '../../../shared/contract/benchmarks.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { formatMeasured } from '../../lib/benchmarkFigures.ts'
import { client } from '../../lib/client.ts'
import { useAnswer } from './useAnswer.ts'

export type CompareViewProps = {
  /** 1 to 20 runs; the first is the baseline to begin with */
  readonly ids: readonly string[]
  readonly onClose: () => void
  readonly onOpenRun: (benchmark: string) => void
}

/** Runs side by side. Fills its place, with a head of its own, and scrolls inside. */
export function CompareView({ ids }: CompareViewProps) {
  const benchmarks = [...ids] as BenchmarkId[] // the contract checks them again
  const { answer } = useAnswer(ids.join(' '), (signal) => client.benchmarks.compare({ benchmarks }, { signal }))
  if (answer.state === 'failed') return <ErrorView title="They could not be compared" failure={answer.failure} />
  if (answer.state === 'loading') return <p role="status">Comparing…</p>
  return (
    <ul>
      {answer.value.comparisons.map(({ name, metric, unit, cells }) => (
        <li key={`${name} ${metric}`}>
          {name}: {cells.map((cell) => formatMeasured(cell?.value, unit)).join(', ')}
        </li>
      ))}
    </ul>
  )
}
