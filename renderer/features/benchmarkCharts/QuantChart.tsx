import { useMemo } from 'react'
import { CartesianGrid, ReferenceLine, ResponsiveContainer, Scatter, ScatterChart, XAxis, YAxis } from 'recharts'
import { formatMeasured } from '../../lib/benchmarkFigures.ts'
import { estimated, formatMemory, unknown } from '../../lib/format.ts'
import { machineMemory } from '../../lib/machineMemory.ts'
import { useResources } from '../../lib/store.ts'
import { ticksFromZero, tickText } from './axis.ts'
import { axisLook, axisTitle, xAxisPx, yAxisPx } from './axisLook.ts'
import { ChartFrame, FigureTable } from './ChartFrame.tsx'
import type { Column } from './compareRows.ts'
import { type Look, limitLook, plainLook } from './looks.ts'
import { Marker } from './Marker.tsx'
import { halo } from './MarkLabel.tsx'
import { type PointLabel, pointLabels, type QuantFit, type QuantPoint, quantFit, quantPoints } from './quantPoints.ts'

const heightPx = 240
const gibibyte = 1024 ** 3

const fitWords: Readonly<Record<QuantFit, string>> = {
  free: 'fits into what is free now',
  total: 'fits once others are unloaded',
  no: 'does not fit this machine',
  unknown: 'the memory of this machine is not known',
}

type QuantChartProps = {
  readonly columns: readonly Column[]
  readonly looks: ReadonlyMap<string, Look>
  /** what each run is called */
  readonly named: ReadonlyMap<string, string>
}

/** What a quantisation costs and gives: memory across, speed up, one point for each run; and which would fit here. */
export function QuantChart({ columns, looks, named }: QuantChartProps) {
  const { speed, points } = useMemo(() => quantPoints(columns), [columns])
  const resources = useResources()
  const memory = useMemo(() => machineMemory(resources), [resources])
  if (points.length < 2) return null
  const yTicks = ticksFromZero(points.map(({ tokensPerSecond }) => tokensPerSecond))
  const xTicks = ticksFromZero(points.map(({ bytes }) => bytes / gibibyte)).map((gib) => gib * gibibyte)
  const edge = xTicks.at(-1) ?? 0
  const labels = pointLabels(points, { x: edge, y: yTicks.at(-1) ?? 1 })
  const limits = limitsOf(memory).filter(({ bytes }) => bytes <= edge)
  return (
    <ChartFrame
      title={
        speed === 'generation' ? 'Speed and memory of each quantisation' : 'Throughput and memory of each quantisation'
      }
      unit="tok/s"
      note={fitNote(points, memory)}
      keys={limits.map(({ name, look }) => ({ id: name, name, look }))}
      figures={
        <FigureTable
          label="Speed and memory in figures"
          columns={['Run', 'Quantisation', 'Speed', 'Memory', `In ${memory?.where ?? 'memory'}`]}
          rows={points.map((each) => [
            named.get(each.id) ?? each.letter,
            each.quantization ?? unknown,
            formatMeasured(each.tokensPerSecond, 'tokens/s'),
            each.isMeasured ? formatMemory(each.bytes) : estimated(formatMemory(each.bytes)),
            fitWords[quantFit(each, memory)],
          ])}
        />
      }
    >
      <ResponsiveContainer width="100%" height={heightPx}>
        <ScatterChart margin={{ top: 8, right: 24, bottom: 18, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--berth-line)" />
          <XAxis
            type="number"
            dataKey="bytes"
            domain={[0, edge]}
            ticks={xTicks}
            tickFormatter={(bytes: number) => tickText(bytes / gibibyte)}
            height={xAxisPx}
            label={axisTitle('Memory taken at most, GiB')}
            {...axisLook}
          />
          <YAxis
            type="number"
            dataKey="tokensPerSecond"
            width={yAxisPx}
            ticks={[...yTicks]}
            domain={[0, yTicks.at(-1) ?? 1]}
            tickFormatter={tickText}
            {...axisLook}
          />
          {limits.map(({ bytes, name, look }) => (
            <ReferenceLine key={name} x={bytes} stroke={look.color} strokeWidth={1.5} strokeDasharray={look.dash} />
          ))}
          <Scatter
            data={[...points]}
            isAnimationActive={false}
            shape={({ cx, cy, index }) => {
              const each = points[index]
              return cx === undefined || cy === undefined || each === undefined ? (
                <g />
              ) : (
                <LabelledPoint x={cx} y={cy} label={labels.get(each.id)} look={looks.get(each.id) ?? plainLook} />
              )
            }}
          />
        </ScatterChart>
      </ResponsiveContainer>
    </ChartFrame>
  )
}

type LabelledPointProps = {
  readonly x: number
  readonly y: number
  readonly look: Look
  /** undefined: a neighbour says it */
  readonly label: PointLabel | undefined
}

function LabelledPoint({ x, y, look, label }: LabelledPointProps) {
  return (
    <g>
      <Marker look={look} x={x} y={y} size={6} />
      {label !== undefined && (
        <text
          x={label.isLeft ? x - 11 : x + 11}
          y={y + 4}
          textAnchor={label.isLeft ? 'end' : 'start'}
          fontSize={12}
          fill="var(--mantine-color-text)"
          {...halo}
        >
          {label.text}
        </text>
      )}
    </g>
  )
}

type Memory = ReturnType<typeof machineMemory>

const limitsOf = (memory: Memory) =>
  [
    { bytes: memory?.freeBytes ?? null, words: 'free now', look: limitLook },
    { bytes: memory?.totalBytes ?? null, words: 'all memory', look: { ...limitLook, dash: '2 3' } },
  ].flatMap(({ bytes, words, look }) =>
    bytes === null ? [] : [{ bytes, name: `${formatMemory(bytes)}, ${words}`, look }],
  )

/** `Into the 12.0 GiB that are free in RAM now: A, C. Only once others are unloaded: B.` */
const fitNote = (points: readonly QuantPoint[], memory: Memory): string => {
  if (memory === null || (memory.freeBytes === null && memory.totalBytes === null))
    return 'What would fit is not known: the memory of this machine is not read.'
  const { where } = memory
  const words: Readonly<Record<QuantFit, string>> = {
    free: `Fits into the ${formatMemory(memory.freeBytes)} that are free in ${where} now`,
    total: `Fits into ${where} only once others are unloaded`,
    no: `Does not fit into ${where}, ${formatMemory(memory.totalBytes)} in all`,
    unknown: 'Not known',
  }
  const fits = ['free', 'total', 'no', 'unknown'] as const
  return fits
    .map((fit) => ({ fit, of: points.filter((each) => quantFit(each, memory) === fit) }))
    .filter(({ of }) => of.length > 0)
    .map(({ fit, of }) => `${words[fit]}: ${of.map(({ letter }) => letter).join(', ')}.`)
    .join(' ')
}
