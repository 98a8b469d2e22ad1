import { Button } from '@mantine/core'
import { ChartLine } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { BenchmarkTrend } from '../../../../shared/contract/benchmarkAnswers.ts'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import { EmptyView } from '../../../components/EmptyView.tsx'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { client } from '../../../lib/client.ts'
import { useMirror } from '../../../lib/store.ts'
import charts from '../charts/charts.module.css'
import { endedRuns } from '../endedRuns.ts'
import { useAnswer } from '../useAnswer.ts'
import classes from './history.module.css'
import { RegressionList } from './RegressionList.tsx'
import { TrendChart } from './TrendChart.tsx'
import { TrendTable } from './TrendTable.tsx'
import { byInterest, regressionsOf, trendsOf, versionsIn } from './trends.ts'

export type HistoryViewProps = {
  readonly model: string
  readonly onOpenRun: (benchmark: string) => void
  /** offered where there is nothing to show yet */
  readonly onBenchmark: () => void
}

/** Each test of one model over time. Fills its place and scrolls inside. */
export function HistoryView({ model, onOpenRun, onBenchmark }: HistoryViewProps) {
  const ended = useMirror(({ benchmarks }) => endedRuns(benchmarks, model))
  const { answer, again } = useAnswer(
    `${model} ${ended}`,
    (signal) => client.benchmarks.history({ model: model as ModelId }, { signal }), // the contract checks it again
  )
  if (answer.state === 'loading')
    return (
      <p className={classes.message} role="status">
        Reading what was measured of this model…
      </p>
    )
  if (answer.state === 'failed')
    return (
      <div className={classes.message}>
        <ErrorView
          title="The history could not be read"
          failure={answer.failure}
          action={
            <Button size="compact-xs" variant="default" onClick={again}>
              Try again
            </Button>
          }
        />
      </div>
    )
  if (answer.value.trends.length === 0)
    return (
      <EmptyView
        icon={<ChartLine />}
        title="Nothing was measured of this model yet"
        text="Benchmark it now and again after an update: its speed over time and over versions shows here, and what became slower is marked."
        actions={<Button onClick={onBenchmark}>Benchmark this model</Button>}
      />
    )
  return <Trends answer={answer.value.trends} onOpenRun={onOpenRun} />
}

/** So many charts can be looked over; a sweep leaves hundreds. */
const firstCharts = 12

type TrendsProps = { readonly answer: readonly BenchmarkTrend[]; readonly onOpenRun: (benchmark: string) => void }

function Trends({ answer, onOpenRun }: TrendsProps) {
  const trends = useMemo(() => byInterest(trendsOf(answer)), [answer])
  const regressions = useMemo(() => regressionsOf(trends), [trends])
  const [shown, setShown] = useState(firstCharts)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.page} tabIndex={0} aria-label="History">
      <RegressionList versions={versionsIn(trends)} regressions={regressions} onOpenRun={onOpenRun} />
      <div className={charts.panes}>
        {trends.slice(0, shown).map((trend) => (
          <TrendChart key={trend.id} trend={trend} />
        ))}
      </div>
      {trends.length > shown && (
        <Button variant="default" className={classes.more ?? ''} onClick={() => setShown(shown + 4 * firstCharts)}>
          Show more charts ({trends.length - shown} left)
        </Button>
      )}
      <TrendTable trends={trends} onOpenRun={onOpenRun} />
    </section>
  )
}
