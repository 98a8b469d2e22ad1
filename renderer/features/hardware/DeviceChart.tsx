import { type ReactNode, useMemo } from 'react'
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import type { History, HistoryPoint } from '../../../shared/contract/hardware.ts'
import { assignColors, colorOf } from '../../lib/colors.ts'
import { formatMemory, formatPercent } from '../../lib/format.ts'
import { useMirror } from '../../lib/store.ts'
import { ChartTip } from './ChartTip.tsx'
import classes from './HardwarePage.module.css'
import { MarkFlag } from './MarkFlag.tsx'
import { memoryTicks, otherBytes, ownersIn, rangeMs, timeTicks } from './timeline.ts'

const mainHeightPx = 240
const smallHeightPx = 96
/** More flags than this hide the chart; the newest stay. */
const mostMarks = 60
const axis = { stroke: 'var(--mantine-color-dimmed)', fontSize: 12, tickLine: false, axisLine: false } as const

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' })
const timeAxis = ({ points, range }: History) => {
  const end = points.at(-1)?.at ?? 0
  const format = range === '7d' ? day : clock
  return {
    dataKey: 'at',
    type: 'number',
    domain: [end - rangeMs(range), end],
    allowDataOverflow: true,
    ticks: timeTicks(range, end, new Date(end).getTimezoneOffset()),
    tickFormatter: (at: number) => format.format(at),
    ...axis,
  } as const
}

type DeviceChartProps = { readonly history: History; readonly totalBytes: number | null; readonly name: string }

/** Memory as areas stacked by owner, with how busy the device was as a line, and what was done as marks. */
export function DeviceChart({ history, totalBytes, name }: DeviceChartProps) {
  const known = useMirror((mirror) => mirror.colors)
  const owners = useMemo(() => ownersIn(history.points), [history.points])
  const colors = useMemo(() => assignColors(known, owners), [known, owners])
  const hasUtilization = history.points.some(({ utilization }) => utilization !== null)
  return (
    <figure className={classes.chart} aria-label={`Memory and utilisation of ${name}`}>
      <figcaption className={classes.legend}>
        {owners.map((owner) => (
          <Key key={owner} color={colorOf(colors, owner)}>
            {owner}
          </Key>
        ))}
        <Key color="var(--berth-other)">other programs</Key>
        {hasUtilization && (
          <Key color="var(--mantine-color-text)" line>
            busy (right scale)
          </Key>
        )}
        {history.marks.length > 0 && <span>▲ loaded ▼ unloaded ✕ crashed</span>}
      </figcaption>
      <ResponsiveContainer width="100%" height={mainHeightPx}>
        <ComposedChart
          data={history.points}
          margin={{ top: 14, right: 0, bottom: 0, left: 0 }}
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} stroke="var(--berth-line)" />
          <XAxis {...timeAxis(history)} />
          <YAxis
            yAxisId="memory"
            width={72}
            domain={totalBytes === null ? [0, 'auto'] : [0, totalBytes]}
            {...(totalBytes === null ? {} : { ticks: memoryTicks(totalBytes) })}
            tickFormatter={(bytes: number) => formatMemory(bytes).replace(/\.0+ /, ' ')}
            {...axis}
          />
          <YAxis
            yAxisId="busy"
            orientation="right"
            width={52}
            domain={[0, 1]}
            ticks={[0, 0.5, 1]}
            tickFormatter={formatPercent}
            hide={!hasUtilization}
            {...axis}
          />
          {owners.map((owner) => (
            <Area
              key={owner}
              yAxisId="memory"
              stackId="memory"
              dataKey={(point: HistoryPoint) => (point.usedBytes === null ? null : (point.owners[owner] ?? 0))}
              stroke="none"
              fill={colorOf(colors, owner)}
              fillOpacity={0.85}
              isAnimationActive={false}
              activeDot={false}
            />
          ))}
          <Area
            yAxisId="memory"
            stackId="memory"
            dataKey={otherBytes}
            stroke="none"
            fill="var(--berth-other)"
            fillOpacity={0.6}
            isAnimationActive={false}
            activeDot={false}
          />
          {hasUtilization && (
            <Line
              yAxisId="busy"
              dataKey="utilization"
              stroke="var(--mantine-color-text)"
              strokeWidth={1.25}
              dot={false}
              isAnimationActive={false}
            />
          )}
          {history.marks.slice(-mostMarks).map((mark) => (
            <ReferenceLine
              key={`${mark.at} ${mark.kind} ${mark.label}`}
              yAxisId="memory"
              x={mark.at}
              stroke={mark.kind === 'crash' ? 'var(--berth-failed)' : 'var(--mantine-color-dimmed)'}
              strokeDasharray="3 3"
              label={(props) => <MarkFlag mark={mark} viewBox={props.viewBox} />}
            />
          ))}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--mantine-color-dimmed)' }}
            content={({ label }) => <ChartTip history={history} at={Number(label)} owners={owners} colors={colors} />}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </figure>
  )
}

function Key({ color, line = false, children }: { color: string; line?: boolean; children: ReactNode }) {
  return (
    <span className={classes.key}>
      <span className={classes.swatch} data-line={line || undefined} style={{ background: color }} aria-hidden />
      <span className={classes.keyName} title={typeof children === 'string' ? children : undefined}>
        {children}
      </span>
    </span>
  )
}

type SmallChartProps = {
  readonly history: History
  readonly title: string
  readonly read: (point: HistoryPoint) => number | null
  readonly format: (value: number | null) => string
}

/** One more figure over the same time; absent when this machine does not tell it. */
export function SmallChart({ history, title, read, format }: SmallChartProps) {
  if (!history.points.some((point) => read(point) !== null)) return null
  return (
    <figure className={classes.chart} aria-label={title}>
      <figcaption className={classes.legend}>{title}</figcaption>
      <ResponsiveContainer width="100%" height={smallHeightPx}>
        <LineChart data={history.points} margin={{ top: 4, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--berth-line)" />
          <XAxis {...timeAxis(history)} />
          <YAxis width={72} tickCount={3} domain={['auto', 'auto']} tickFormatter={format} {...axis} />
          <Line
            dataKey={read}
            stroke="var(--mantine-color-teal-text)"
            strokeWidth={1.5}
            dot={false}
            isAnimationActive={false}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--mantine-color-dimmed)' }}
            content={({ label }) => {
              const point = history.points.find(({ at }) => at === Number(label))
              return point === undefined ? null : (
                <div className={classes.tip}>
                  {title} {format(read(point))}
                </div>
              )
            }}
          />
        </LineChart>
      </ResponsiveContainer>
    </figure>
  )
}
