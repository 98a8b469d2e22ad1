import { useMemo } from 'react'
import { timeTicks } from '../charts/axis.ts'
import { spacedMarks } from '../charts/axisMarks.ts'
import { LinesChart } from '../charts/LinesChart.tsx'
import { sinceText } from '../verdict.ts'
import type { Trend } from './trends.ts'

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const dayMs = 86_400_000
/** In less, two ticks would say the same minute. */
const fewMinutesMs = 300_000

/** One test over time: versions stand as lines across it, what became worse is marked in words. */
export function TrendChart({ trend }: { readonly trend: Trend }) {
  const series = useMemo(() => [{ id: trend.id, name: trend.title, points: trend.drawn }], [trend])
  const first = trend.points[0]?.at ?? 0
  const last = trend.points.at(-1)?.at ?? 0
  const tick = last - first > dayMs ? day : last - first > fewMinutesMs ? clock : seconds
  const versions = trend.versions.map(({ at, version }) => ({ x: at, name: version }))
  const worst = trend.regressions.at(-1)
  return (
    <LinesChart
      title={trend.title}
      unit={trend.trend.unit}
      series={series}
      note={worst === undefined ? undefined : `▼ ${sinceText(trend.trend.test, worst)}`}
      xTitle=""
      xTick={(at) => tick.format(at)}
      xText={(at) => moment.format(at)}
      xTicks={timeTicks(first, last)}
      marks={spacedMarks(versions, first, last)}
      warnings={trend.regressions.map(({ at }) => at)}
      height={150}
      close
      linear
    />
  )
}
