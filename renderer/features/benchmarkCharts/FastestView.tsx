import { ErrorView } from '../../components/ErrorView.tsx'
import { formatMeasured } from '../../lib/benchmarkFigures.ts'
import { client } from '../../lib/client.ts'
import { useAnswer } from './useAnswer.ts'

export type FastestViewProps = {
  readonly onOpenRun: (benchmark: string) => void
  /** “Benchmark your models”, offered where nothing that fits was measured */
  readonly onBenchmark: () => void
}

/** Which of my models is fastest within so much memory at so much context. Fills its place and scrolls inside. */
export function FastestView(_: FastestViewProps) {
  const { answer } = useAnswer('', (signal) => client.benchmarks.fastest({}, { signal }))
  if (answer.state === 'failed') return <ErrorView title="It could not be looked up" failure={answer.failure} />
  if (answer.state === 'loading') return <p role="status">Looking through what was measured…</p>
  return (
    <ol>
      {answer.value.models.map(({ model, tokensPerSecond }) => (
        <li key={model}>
          {model}: {formatMeasured(tokensPerSecond, 'tokens/s')}
        </li>
      ))}
    </ol>
  )
}
