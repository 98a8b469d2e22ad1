import { useMemo } from 'react'
import {
  CartesianGrid,
  ComposedChart,
  ErrorBar,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { formatMeasured, formatSpread } from '../../lib/benchmarkFigures.ts'
import { unknown } from '../../lib/format.ts'
import { closeTicks, ticksFromZero, tickText, wantsLog } from './axis.ts'
import { ChartFrame, FigureTable } from './ChartFrame.tsx'
import classes from './charts.module.css'
import { type Look, looksOf, plainLook } from './looks.ts'
import { LegendKey, Marker } from './Marker.tsx'
import { type Limit, type Point, type Row, rowsOf, type Series } from './series.ts'

const heightPx = 200
const axis = { stroke: 'var(--mantine-color-dimmed)', fontSize: 12, tickLine: false, axisLine: false } as const
const yAxisPx = 52

export type XMark = { readonly x: number; readonly name: string }

export type LinesChartProps = {
  readonly title: string
  readonly note?: string | undefined
  /** of the contract: `tokens/s`, `ms`, `bytes` */
  readonly unit: string
  readonly series: readonly Series[]
  /** by series id; without it colours of its own */
  readonly looks?: ReadonlyMap<string, Look>
  readonly xTitle: string
  /** on the axis, short */
  readonly xTick: (x: number) => string
  /** with its unit */
  readonly xText: (x: number) => string
  readonly limits?: readonly Limit[]
  readonly marks?: readonly XMark[]
  /** y from zero, unless only the change counts */
  readonly close?: boolean
  readonly height?: number
  /** the places of the x axis are moments or amounts, not steps that were chosen */
  readonly linear?: boolean
  readonly controls?: React.ReactNode
}

const withSpread = (each: Point | undefined, unit: string): string => {
  if (each === undefined) return unknown
  const interval = each.low === null || each.high === null ? null : { low: each.low, high: each.high }
  const spread = formatSpread(each.y, interval, unit)
  return spread === null ? formatMeasured(each.y, unit) : `${formatMeasured(each.y, unit)} ${spread}`
}

/** Figures over depth, load, batch or time, one line for each series, with intervals, limits and marks. */
export function LinesChart(props: LinesChartProps) {
  const { title, note, unit, series, xTitle, xTick, xText, limits = [], marks = [], controls } = props
  const rows = useMemo(() => rowsOf(series), [series])
  const own = useMemo(() => looksOf(series.map(({ id }) => id)), [series])
  const lookOf = (id: string): Look =>
    series.length === 1 && props.looks === undefined ? plainLook : ((props.looks ?? own).get(id) ?? plainLook)
  const values = rows.flatMap(({ at }) => Object.values(at).flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]))
  const yTicks = props.close ? closeTicks(values) : ticksFromZero([...values, ...limits.map(({ y }) => y)])
  const xs = rows.map(({ x }) => x)
  const isLog = props.linear !== true && wantsLog(xs)
  const padding = xs.length === 1 ? { left: 40, right: 40 } : { left: 12, right: 12 }
  return (
    <ChartFrame
      title={title}
      unit={unitWords(unit)}
      note={note}
      controls={controls}
      keys={series.map(({ id, name }) => ({ id, name, look: lookOf(id) }))}
      figures={
        <FigureTable
          label={`${title} in figures`}
          columns={[xTitle, ...series.map(({ name }) => name)]}
          rows={rows.map(({ x, at }) => [xText(x), ...series.map(({ id }) => withSpread(at[id], unit))])}
        />
      }
    >
      <ResponsiveContainer width="100%" height={props.height ?? heightPx}>
        <ComposedChart
          data={[...rows]}
          margin={{ top: marks.length > 0 ? 18 : 8, right: 12, bottom: 16, left: 0 }}
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} stroke="var(--berth-line)" />
          <XAxis
            dataKey="x"
            type="number"
            scale={isLog ? 'log' : 'linear'}
            domain={['dataMin', 'dataMax']}
            ticks={xs}
            tickFormatter={xTick}
            padding={padding}
            minTickGap={8}
            interval="preserveStartEnd"
            label={{
              value: xTitle,
              position: 'insideBottom',
              offset: -12,
              fontSize: 12,
              fill: 'var(--mantine-color-dimmed)',
            }}
            {...axis}
          />
          <YAxis
            width={yAxisPx}
            ticks={[...yTicks]}
            domain={[yTicks[0] ?? 0, yTicks.at(-1) ?? 1]}
            tickFormatter={(value: number) => (unit === 'bytes' ? formatMeasured(value, unit) : tickText(value))}
            interval={0}
            {...axis}
          />
          {limits.map(({ y, name }) => (
            <ReferenceLine
              key={name}
              y={y}
              stroke="var(--berth-stale)"
              strokeDasharray="6 4"
              label={{ value: name, position: 'insideTopRight', fontSize: 12, fill: 'var(--berth-stale)' }}
            />
          ))}
          {marks.map(({ x, name }) => (
            <ReferenceLine
              key={`${x} ${name}`}
              x={x}
              stroke="var(--mantine-color-dimmed)"
              strokeDasharray="3 3"
              label={{ value: name, position: 'top', fontSize: 12, fill: 'var(--mantine-color-text)' }}
            />
          ))}
          {series.map(({ id }) => {
            const look = lookOf(id)
            return (
              <Line
                key={id}
                dataKey={(row: Row) => row.at[id]?.y ?? null}
                stroke={look.color}
                strokeWidth={2}
                strokeDasharray={look.dash}
                connectNulls
                isAnimationActive={false}
                activeDot={false}
                dot={({ cx, cy, index }) => <Dot key={index} look={look} cx={cx} cy={cy} />}
              >
                <ErrorBar
                  dataKey={(row: Row) => spreadOf(row.at[id])}
                  direction="y"
                  width={6}
                  strokeWidth={1.25}
                  stroke={look.color}
                  isAnimationActive={false}
                />
              </Line>
            )
          })}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--mantine-color-dimmed)' }}
            content={({ label }) => {
              const row = rows.find(({ x }) => x === Number(label))
              return row === undefined ? null : (
                <div className={classes.tip}>
                  <div className={classes.dim}>{xText(row.x)}</div>
                  {series
                    .filter(({ id }) => row.at[id] !== undefined)
                    .map(({ id, name }) => (
                      <div key={id} className={classes.tipRow}>
                        <LegendKey look={lookOf(id)} />
                        <span className={classes.tipName}>{name}</span>
                        <span>{withSpread(row.at[id], unit)}</span>
                      </div>
                    ))}
                </div>
              )
            }}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </ChartFrame>
  )
}

const spreadOf = (each: Point | undefined): [number, number] | undefined =>
  each === undefined || each.low === null || each.high === null ? undefined : [each.y - each.low, each.high - each.y]

type DotProps = { readonly look: Look; readonly cx: number | undefined; readonly cy: number | undefined }

function Dot({ look, cx, cy }: DotProps) {
  // a place where this series was not measured has no height
  return cx === undefined || cy === undefined || cy === null ? <g /> : <Marker look={look} x={cx} y={cy} />
}

const words: Readonly<Record<string, string>> = { 'tokens/s': 'tok/s', 'requests/s': 'req/s', bytes: '' }
const unitWords = (unit: string): string => words[unit] ?? unit
