import type { ModelId } from '../../../shared/contract/modelId.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { formatMeasured } from '../../lib/benchmarkFigures.ts'
import { client } from '../../lib/client.ts'
import { useAnswer } from './useAnswer.ts'

export type HistoryViewProps = {
  readonly model: string
  readonly onOpenRun: (benchmark: string) => void
  /** offered where there is nothing to show yet */
  readonly onBenchmark: () => void
}

/** Each test of one model over time. Fills its place and scrolls inside. */
export function HistoryView({ model }: HistoryViewProps) {
  const { answer } = useAnswer(
    model,
    (signal) => client.benchmarks.history({ model: model as ModelId }, { signal }), // the contract checks it again
  )
  if (answer.state === 'failed') return <ErrorView title="The history could not be read" failure={answer.failure} />
  if (answer.state === 'loading') return <p role="status">Reading what was measured…</p>
  return (
    <ul>
      {answer.value.trends.map(({ name, options, points, unit }) => (
        <li key={`${name} ${JSON.stringify(options)}`}>
          {name}: {points.map(({ value }) => formatMeasured(value, unit)).join(', ')}
        </li>
      ))}
    </ul>
  )
}
