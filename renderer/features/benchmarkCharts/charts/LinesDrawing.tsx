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
import { closeTicks, ticksFromZero, tickText, wantsLog } from './axis.ts'
import { axisLook, axisTitle, xAxisPx, yAxisPx } from './axisLook.ts'
import classes from './charts.module.css'
import type { LinesChartProps, XMark } from './LinesChart.tsx'
import { pointText } from './LinesChart.tsx'
import { type Look, limitLook } from './looks.ts'
import { LegendKey, Marker, WarningMarker } from './Marker.tsx'
import { MarkLabel } from './MarkLabel.tsx'
import type { Limit, Point, Row } from './series.ts'

const heightPx = 200
const titlePx = 16

type LinesDrawingProps = LinesChartProps & { readonly rows: readonly Row[]; readonly lookOf: (id: string) => Look }

const shownValues = (rows: readonly Row[]): readonly number[] =>
  rows.flatMap(({ at }) => Object.values(at).flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]))

export function LinesDrawing(props: LinesDrawingProps) {
  const { rows, lookOf, series, limits = [], marks = [], warnings = [], xTitle, xTick, unit } = props
  const values = shownValues(rows)
  const yTicks = props.close ? closeTicks(values) : ticksFromZero([...values, ...limits.map(({ y }) => y)])
  const xs = rows.map(({ x }) => x)
  const [firstX = 0] = xs
  const lastX = xs.at(-1) ?? firstX
  // one place alone has no distance to any other: it stands in the middle
  const domain = firstX === lastX ? [firstX - 1, firstX + 1] : [firstX, lastX]
  return (
    <ResponsiveContainer width="100%" height={props.height ?? heightPx}>
      <ComposedChart
        data={[...rows]}
        margin={{ top: marks.length > 0 ? 20 : 8, right: 16, bottom: xTitle === '' ? 0 : titlePx, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--berth-line)" />
        <XAxis
          scale={props.linear !== true && wantsLog(xs) ? 'log' : 'linear'}
          domain={domain}
          ticks={[...(props.xTicks ?? xs)]}
          tickFormatter={xTick}
          {...xAxis}
          {...(xTitle === '' ? {} : { label: axisTitle(xTitle) })}
        />
        <YAxis {...yAxis} ticks={[...yTicks]} domain={[yTicks[0] ?? 0, yTicks.at(-1) ?? 1]} />
        {limits.map(limitLine)}
        {marks.map((mark) => markLine(mark, (firstX + lastX) / 2))}
        {series.map(({ id }) => seriesLine(id, lookOf(id), warnings))}
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--mantine-color-dimmed)' }}
          content={({ label }) => <PlaceTip {...props} row={rows.find(({ x }) => x === Number(label))} unit={unit} />}
        />
      </ComposedChart>
    </ResponsiveContainer>
  )
}

const xAxis = {
  dataKey: 'x',
  type: 'number',
  padding: { left: 12, right: 12 },
  minTickGap: 8,
  height: xAxisPx,
  interval: 'preserveStartEnd',
  ...axisLook,
} as const

const yAxis = { width: yAxisPx, tickFormatter: tickText, interval: 0, ...axisLook } as const

// Functions, not components: recharts looks for its own elements among the children of a chart.
const limitLine = ({ y, name }: Limit) => (
  <ReferenceLine key={name} y={y} stroke={limitLook.color} strokeWidth={1.5} strokeDasharray={limitLook.dash} />
)

const markLine = ({ x, name }: XMark, middle: number) => (
  <ReferenceLine
    key={`${x} ${name}`}
    x={x}
    stroke="var(--mantine-color-dimmed)"
    strokeDasharray="3 3"
    label={({ viewBox }) => <MarkLabel name={name} viewBox={viewBox} isLate={x > middle} />}
  />
)

const seriesLine = (id: string, look: Look, warnings: readonly number[]) => (
  <Line
    key={id}
    dataKey={(row: Row) => row.at[id]?.y ?? null}
    stroke={look.color}
    strokeWidth={2}
    strokeDasharray={look.dash}
    connectNulls
    isAnimationActive={false}
    activeDot={false}
    dot={({ cx, cy, payload, index }) => (
      <Dot key={index} look={look} cx={cx} cy={cy} isBad={warnings.includes(payload?.x)} />
    )}
  >
    <ErrorBar
      dataKey={(row: Row) => spreadOf(row.at[id])}
      direction="y"
      width={4}
      strokeWidth={1.25}
      stroke={look.color}
      isAnimationActive={false}
    />
  </Line>
)

/** Below and above the value, as recharts wants them. */
const spreadOf = (each: Point | undefined): [number, number] | undefined =>
  each === undefined || each.low === null || each.high === null
    ? undefined
    : // a wide interval of few samples may reach below zero, where there is no axis
      [each.y - Math.max(0, each.low), each.high - each.y]

type DotProps = {
  readonly look: Look
  readonly cx: number | undefined
  readonly cy: number | null | undefined
  readonly isBad: boolean
}

function Dot({ look, cx, cy, isBad }: DotProps) {
  // a place where this series was not measured has no height
  if (cx === undefined || cy === undefined || cy === null) return <g />
  return isBad ? <WarningMarker x={cx} y={cy} /> : <Marker look={look} x={cx} y={cy} />
}

type PlaceTipProps = LinesDrawingProps & { readonly row: Row | undefined }

function PlaceTip({ row, series, xText, lookOf, unit }: PlaceTipProps) {
  if (row === undefined) return null
  return (
    <div className={classes.tip}>
      <div className={classes.dim}>{xText(row.x)}</div>
      {series
        .filter(({ id }) => row.at[id] !== undefined)
        .map(({ id, name }) => (
          <div key={id} className={classes.tipRow}>
            <LegendKey look={lookOf(id)} />
            <span className={classes.tipName}>{name}</span>
            <span>{pointText(row.at[id], unit)}</span>
          </div>
        ))}
    </div>
  )
}
