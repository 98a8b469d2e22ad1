import { type ReactNode, useMemo } from 'react'
import { Area, CartesianGrid, ComposedChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { formatMs } from '../../../lib/benchmarkFigures.ts'
import { formatCount, formatPercent } from '../../../lib/format.ts'
import { ticksFromZero, tickText } from '../charts/axis.ts'
import { axisLook, xAxisPx, yAxisPx } from '../charts/axisLook.ts'
import { ChartFrame, FigureTable } from '../charts/ChartFrame.tsx'
import classes from '../charts/charts.module.css'
import { MarkLabel } from '../charts/MarkLabel.tsx'
import { type Bin, cumulative, histogramOf, msTicks, quantile } from './distribution.ts'

const heightPx = 220
const marked = [
  { name: 'p50', part: 0.5 },
  { name: 'p95', part: 0.95 },
  { name: 'p99', part: 0.99 },
] as const

type Drawn = { readonly ms: number; readonly height: number; readonly bin: Bin | null }

/** Two corners for each bin, so that its height is drawn over its own width on any axis. */
const stairs = (bins: readonly Bin[]): readonly Drawn[] =>
  bins.flatMap((bin) => [
    { ms: bin.from, height: bin.count, bin },
    { ms: bin.to, height: bin.count, bin },
  ])

type DistributionDrawingProps = {
  readonly title: string
  /** ms, ascending, not empty */
  readonly values: Float64Array
  readonly shape: 'histogram' | 'cumulative'
  readonly controls: ReactNode
}

/** How many took how long, or which part took no longer; with the percentiles as marks. */
export function DistributionDrawing({ title, values, shape, controls }: DistributionDrawingProps) {
  const { scale, bins } = useMemo(() => histogramOf(values), [values])
  const drawn = useMemo<readonly Drawn[]>(
    () =>
      shape === 'histogram'
        ? stairs(bins)
        : cumulative(values).map(({ ms, part }) => ({ ms, height: part, bin: null })),
    [values, bins, shape],
  )
  const low = bins[0]?.from ?? 0
  const high = bins.at(-1)?.to ?? 1
  const xTicks = msTicks(scale, low, high)
  const yTicks = shape === 'histogram' ? ticksFromZero(bins.map(({ count }) => count)) : [0, 0.25, 0.5, 0.75, 1]
  const percentiles = marked.map(({ name, part }) => ({ name, ms: quantile(values, part) }))
  return (
    <ChartFrame
      title={title}
      unit="ms"
      controls={controls}
      note={`${formatCount(values.length)} times; ${percentiles.map(({ name, ms }) => `${name} ${formatMs(ms)}`).join(', ')}, longest ${formatMs(values.at(-1))}.${scale === 'log' ? ' The scale is logarithmic.' : ''}`}
      figures={
        <FigureTable
          label={`${title} in figures`}
          columns={['From', 'to', 'how many', 'up to there']}
          rows={binRows(bins, values.length)}
        />
      }
    >
      <ResponsiveContainer width="100%" height={heightPx}>
        <ComposedChart data={[...drawn]} margin={{ top: 20, right: 16, bottom: 4, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--berth-line)" />
          <XAxis
            dataKey="ms"
            type="number"
            scale={scale}
            domain={[xTicks[0] ?? low, xTicks.at(-1) ?? high]}
            ticks={[...xTicks]}
            tickFormatter={tickText}
            allowDataOverflow
            height={xAxisPx}
            {...axisLook}
          />
          <YAxis
            width={yAxisPx}
            ticks={[...yTicks]}
            domain={[0, yTicks.at(-1) ?? 1]}
            tickFormatter={shape === 'histogram' ? formatCount : formatPercent}
            {...axisLook}
          />
          <Area
            dataKey="height"
            type="linear"
            stroke="var(--mantine-color-teal-text)"
            strokeWidth={1.5}
            fill="var(--mantine-color-teal-5)"
            fillOpacity={0.35}
            isAnimationActive={false}
            activeDot={false}
          />
          {percentiles.map(({ name, ms }, index) => (
            <ReferenceLine
              key={name}
              x={ms}
              stroke="var(--mantine-color-text)"
              strokeDasharray="3 3"
              label={({ viewBox }) => <MarkLabel name={name} viewBox={viewBox} isLate={index < 2} />}
            />
          ))}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--mantine-color-dimmed)' }}
            content={({ payload }) => <Tip drawn={payload?.[0]?.payload as Drawn | undefined} />}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </ChartFrame>
  )
}

function Tip({ drawn }: { readonly drawn: Drawn | undefined }) {
  if (drawn === undefined) return null
  return (
    <div className={classes.tip}>
      {drawn.bin === null
        ? `${formatPercent(drawn.height)} took at most ${formatMs(drawn.ms)}`
        : `${formatCount(drawn.bin.count)} from ${formatMs(drawn.bin.from)} to ${formatMs(drawn.bin.to)}`}
    </div>
  )
}

/** Empty bins are left out: a long tail is full of them. */
const binRows = (bins: readonly Bin[], all: number): readonly (readonly string[])[] => {
  let sum = 0
  return bins.flatMap(({ from, to, count }) => {
    sum += count
    return count === 0 ? [] : [[formatMs(from), formatMs(to), formatCount(count), formatPercent(sum / all)]]
  })
}
