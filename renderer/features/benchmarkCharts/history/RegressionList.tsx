import { Button } from '@mantine/core'
import { TrendingDown } from 'lucide-react'
import { useState } from 'react'
import { formatMeasured } from '../../../lib/benchmarkFigures.ts'
import { formatMoment } from '../../../lib/format.ts'
import { useNow } from '../../../lib/now.ts'
import { sinceText } from '../verdict.ts'
import classes from './history.module.css'
import type { Regression } from './trends.ts'

const firstShown = 5

type RegressionListProps = {
  /** how many there are; with one there is nothing to become slower */
  readonly versions: number
  readonly regressions: readonly Regression[]
  readonly onOpenRun: (benchmark: string) => void
}

/** What became slower, newest first, in words. */
export function RegressionList({ versions, regressions, onOpenRun }: RegressionListProps) {
  const now = useNow(60_000)
  const [all, setAll] = useState(false)
  if (regressions.length === 0)
    return (
      <p className={classes.dim}>
        {versions > 1
          ? 'Nothing became slower from one version to the next by more than noise.'
          : 'Measured with one version so far. Repeat a run after an update, and what became slower shows here.'}
      </p>
    )
  return (
    <section>
      <h2 className={classes.heading}>
        {regressions.length === 1 ? 'One figure became worse' : `${regressions.length} figures became worse`}
      </h2>
      <ul className={classes.regressions}>
        {(all ? regressions : regressions.slice(0, firstShown)).map(({ trend, point, isOver }) => (
          <li key={`${trend.id} ${point.at} ${point.position}`} data-over={isOver || undefined}>
            <TrendingDown size={16} aria-hidden />
            <span className={classes.regressionName} title={trend.title}>
              {trend.title}
            </span>
            <span className={classes.regressionWords}>{sinceText(trend.trend.test, point)}</span>
            <span className={classes.dim}>
              {formatMeasured(point.value, trend.trend.unit)}, {formatMoment(point.at, now)}
              {isOver && ', not seen any more since'}
            </span>
            <Button size="compact-xs" variant="default" onClick={() => onOpenRun(point.benchmark)}>
              Open run
            </Button>
          </li>
        ))}
      </ul>
      {!all && regressions.length > firstShown && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          Show all {regressions.length}
        </Button>
      )}
    </section>
  )
}
