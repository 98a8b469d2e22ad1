import { useMemo } from 'react'
import { CartesianGrid, ReferenceLine, ResponsiveContainer, Scatter, ScatterChart, XAxis, YAxis } from 'recharts'
import { formatMeasured } from '../../lib/benchmarkFigures.ts'
import { formatMemory, unknown } from '../../lib/format.ts'
import { machineMemory } from '../../lib/machineMemory.ts'
import { useResources } from '../../lib/store.ts'
import { ticksFromZero, tickText } from './axis.ts'
import { axisLook, yAxisPx } from './axisLook.ts'
import { ChartFrame, FigureTable } from './ChartFrame.tsx'
import type { Column } from './compareRows.ts'
import { type QuantFit, type QuantPoint, quantFit, quantPoints } from './compareSeries.ts'
import { type Look, plainLook } from './looks.ts'
import { Marker } from './Marker.tsx'

const heightPx = 240
const gibibyte = 1024 ** 3

const fitWords: Readonly<Record<QuantFit, string>> = {
  free: 'fits into what is free now',
  total: 'fits once others are unloaded',
  no: 'does not fit this machine',
  unknown: 'the memory of this machine is not known',
}

type QuantChartProps = { readonly columns: readonly Column[]; readonly looks: ReadonlyMap<string, Look> }

/** What a quantisation costs and gives: memory across, speed up, one point for each run; and which would fit here. */
export function QuantChart({ columns, looks }: QuantChartProps) {
  const { speed, points } = useMemo(() => quantPoints(columns), [columns])
  const resources = useResources()
  const memory = useMemo(() => machineMemory(resources), [resources])
  if (points.length < 2) return null
  const yTicks = ticksFromZero(points.map(({ tokensPerSecond }) => tokensPerSecond))
  const xTicks = ticksFromZero(points.map(({ bytes }) => bytes / gibibyte)).map((gib) => gib * gibibyte)
  const edge = xTicks.at(-1) ?? 0
  const limits = [
    { bytes: memory?.freeBytes ?? null, name: 'free now' },
    { bytes: memory?.totalBytes ?? null, name: 'all memory' },
  ].filter((limit) => limit.bytes !== null && limit.bytes <= edge)
  return (
    <ChartFrame
      title={
        speed === 'generation' ? 'Speed and memory of each quantisation' : 'Throughput and memory of each quantisation'
      }
      unit="tok/s"
      note={fitNote(points, memory)}
      figures={
        <FigureTable
          label="Speed and memory in figures"
          columns={['Run', 'Quantisation', 'Speed', 'Memory', `In ${memory?.where ?? 'memory'}`]}
          rows={points.map((each) => [
            each.letter,
            each.quantization ?? unknown,
            formatMeasured(each.tokensPerSecond, 'tokens/s'),
            formatMemory(each.bytes),
            fitWords[quantFit(each, memory)],
          ])}
        />
      }
    >
      <ResponsiveContainer width="100%" height={heightPx}>
        <ScatterChart margin={{ top: 20, right: 24, bottom: 16, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--berth-line)" />
          <XAxis
            type="number"
            dataKey="bytes"
            domain={[0, edge]}
            ticks={xTicks}
            tickFormatter={(bytes: number) => tickText(bytes / gibibyte)}
            label={{
              value: 'Memory taken at most, GiB',
              position: 'insideBottom',
              offset: -12,
              fontSize: 12,
              fill: 'var(--mantine-color-dimmed)',
            }}
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
          {limits.map(({ bytes, name }) => (
            <ReferenceLine
              key={name}
              x={bytes ?? 0}
              stroke="var(--berth-stale)"
              strokeDasharray="6 4"
              label={{ value: name, position: 'top', fontSize: 12, fill: 'var(--berth-stale)' }}
            />
          ))}
          <Scatter
            data={[...points]}
            isAnimationActive={false}
            shape={({ cx, cy, index }) => {
              const each = points[index]
              return cx === undefined || cy === undefined || each === undefined ? (
                <g />
              ) : (
                <LabelledPoint
                  x={cx}
                  y={cy}
                  each={each}
                  look={looks.get(each.id) ?? plainLook}
                  atEdge={each.bytes > edge * 0.75}
                />
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
  readonly each: QuantPoint
  readonly look: Look
  /** so far right that its words stand on its left */
  readonly atEdge: boolean
}

function LabelledPoint({ x, y, each, look, atEdge }: LabelledPointProps) {
  return (
    <g>
      <Marker look={look} x={x} y={y} size={6} />
      <text
        x={atEdge ? x - 11 : x + 11}
        y={y + 4}
        textAnchor={atEdge ? 'end' : 'start'}
        fontSize={12}
        fill="var(--mantine-color-text)"
      >
        {`${each.letter} ${each.quantization ?? ''}`}
      </text>
    </g>
  )
}

type Memory = ReturnType<typeof machineMemory>

/** `Into the 12.0 GiB free in RAM fit A, C; B fits once others are unloaded.` */
const fitNote = (points: readonly QuantPoint[], memory: Memory): string => {
  if (memory === null || (memory.freeBytes === null && memory.totalBytes === null))
    return 'The memory of this machine is not known.'
  const lettersOf = (fit: QuantFit): string =>
    points
      .filter((each) => quantFit(each, memory) === fit)
      .map(({ letter }) => letter)
      .join(', ')
  const parts = [
    ['free', `fit into the ${formatMemory(memory.freeBytes)} that are free in ${memory.where} now`],
    ['total', `only once others are unloaded`],
    ['no', `not into ${memory.where} with ${formatMemory(memory.totalBytes)} in all`],
  ] as const
  return parts
    .map(([fit, words]) => [lettersOf(fit), words] as const)
    .filter(([letters]) => letters !== '')
    .map(([letters, words]) => `${letters}: ${words}.`)
    .join(' ')
}
