import { Button, VisuallyHidden } from '@mantine/core'
import { useMemo, useState } from 'react'
import { formatMeasured, formatSpread } from '../../../lib/benchmarkFigures.ts'
import { formatMoment, unknown } from '../../../lib/format.ts'
import { useNow } from '../../../lib/now.ts'
import { VerdictIcon } from '../VerdictLine.tsx'
import { metricOf, verdictText } from '../verdict.ts'
import classes from './history.module.css'
import type { Trend } from './trends.ts'

const firstRows = 100

type TrendTableProps = { readonly trends: readonly Trend[]; readonly onOpenRun: (benchmark: string) => void }

/** Every point of the charts, newest first. */
export function TrendTable({ trends, onOpenRun }: TrendTableProps) {
  const now = useNow(60_000)
  const rows = useMemo(
    () =>
      trends
        .flatMap((trend) => trend.points.map((point) => ({ trend, point })))
        .sort((a, b) => b.point.at - a.point.at || a.trend.id.localeCompare(b.trend.id)),
    [trends],
  )
  const [shown, setShown] = useState(firstRows)
  return (
    <section>
      <h2 className={classes.heading}>All measurements</h2>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Measured</th>
            <th scope="col">Test</th>
            <th scope="col">Version</th>
            <th scope="col" className={classes.number}>
              Figure
            </th>
            <th scope="col">Beside the version before</th>
            <th scope="col">
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map(({ trend, point }) => (
            <tr key={`${trend.id} ${point.benchmark} ${point.position}`}>
              <td className={classes.when}>{formatMoment(point.at, now)}</td>
              <td>{trend.title}</td>
              <td>{point.version ?? <span title="Its server did not tell its version.">{unknown}</span>}</td>
              <td className={classes.number}>
                {formatMeasured(point.value, trend.trend.unit)}{' '}
                <span className={classes.dim}>{formatSpread(point.value, point.interval, trend.trend.unit)}</span>
              </td>
              <td>
                {point.verdict === null ? (
                  <span className={classes.dim}>no version before it</span>
                ) : (
                  <span className={classes.verdict} data-verdict={point.verdict}>
                    <VerdictIcon verdict={point.verdict} />
                    {verdictText(metricOf(trend.trend.test), { relative: point.relative, verdict: point.verdict })}
                  </span>
                )}
              </td>
              <td>
                <Button size="compact-xs" variant="subtle" onClick={() => onOpenRun(point.benchmark)}>
                  Open run
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <Button variant="default" className={classes.more ?? ''} onClick={() => setShown(shown + 5 * firstRows)}>
          Show more ({rows.length - shown} left)
        </Button>
      )}
    </section>
  )
}
