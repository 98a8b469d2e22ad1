import { type ReactNode, useMemo } from 'react'
import { formatMeasured, formatSpread } from '../../../lib/benchmarkFigures.ts'
import { unknown } from '../../../lib/format.ts'
import { ChartFrame, FigureTable } from './ChartFrame.tsx'
import { LinesDrawing } from './LinesDrawing.tsx'
import { type Look, limitLook, looksOf, plainLook } from './looks.ts'
import { type Limit, type Point, rowsOf, type Series } from './series.ts'

export type XMark = { readonly x: number; readonly name: string }

/** What stands across: the places that were measured. */
type XAxis = {
  readonly xTitle: string
  /** on the axis, short */
  readonly xTick: (x: number) => string
  /** with its unit */
  readonly xText: (x: number) => string
  /** without them every place that was measured */
  readonly xTicks?: readonly number[]
  /** amounts and moments; without it steps that double stand evenly */
  readonly linear?: boolean
}

export type LinesChartProps = XAxis & {
  readonly title: string
  readonly note?: string | undefined
  /** of the contract: `tokens/s`, `ms`, `requests/s` */
  readonly unit: string
  readonly series: readonly Series[]
  /** by series id; without it colours of its own */
  readonly looks?: ReadonlyMap<string, Look>
  readonly limits?: readonly Limit[]
  readonly marks?: readonly XMark[]
  /** places whose points are marked as bad; `note` says in words why */
  readonly warnings?: readonly number[]
  /** the y axis begins near the values instead of zero: only the change counts */
  readonly close?: boolean
  readonly height?: number
  readonly controls?: ReactNode
  /** its lines are named elsewhere, for several charts together */
  readonly hideLegend?: boolean
}

/** Figures over depth, load, batch or time, one line for each series, with intervals, limits and marks. */
export function LinesChart(props: LinesChartProps) {
  const { title, note, unit, series, looks, xTitle, xText, controls, limits = [], warnings = [] } = props
  const rows = useMemo(() => rowsOf(series), [series])
  const own = useMemo(() => looksOf(series.map(({ id }) => id)), [series])
  const lookOf = (id: string): Look =>
    series.length === 1 && looks === undefined ? plainLook : ((looks ?? own).get(id) ?? plainLook)
  return (
    <ChartFrame
      title={title}
      unit={unitWords[unit] ?? unit}
      note={note}
      warns={warnings.length > 0}
      controls={controls}
      keys={[
        ...(series.length > 1 && props.hideLegend !== true
          ? series.map(({ id, name }) => ({ id, name, look: lookOf(id) }))
          : []),
        ...limits.map(({ name }) => ({ id: name, name, look: limitLook })),
      ]}
      figures={
        <FigureTable
          label={`${title} in figures`}
          columns={[xTitle === '' ? 'Measured' : xTitle, ...series.map(({ name }) => name)]}
          rows={rows.map(({ x, at }) => [xText(x), ...series.map(({ id }) => pointText(at[id], unit))])}
        />
      }
    >
      <LinesDrawing {...props} rows={rows} lookOf={lookOf} />
    </ChartFrame>
  )
}

const unitWords: Readonly<Record<string, string>> = { 'tokens/s': 'tok/s', 'requests/s': 'req/s' }

/** `41.2 tok/s ± 0.4`; – where that series was not measured. */
export const pointText = (each: Point | undefined, unit: string): string => {
  if (each === undefined) return unknown
  const interval = each.low === null || each.high === null ? null : { low: each.low, high: each.high }
  const spread = formatSpread(each.y, interval, unit)
  return spread === null ? formatMeasured(each.y, unit) : `${formatMeasured(each.y, unit)} ${spread}`
}
