import { CartesianGrid, ReferenceLine, ResponsiveContainer, Scatter, ScatterChart, XAxis, YAxis } from 'recharts'
import { ticksFromZero, tickText } from '../charts/axis.ts'
import { axisLook, axisTitle, xAxisPx, yAxisPx } from '../charts/axisLook.ts'
import { type Look, plainLook } from '../charts/looks.ts'
import { Marker } from '../charts/Marker.tsx'
import { halo } from '../charts/MarkLabel.tsx'
import { type PointLabel, pointLabels, type QuantPoint } from './quantPoints.ts'

const heightPx = 240
const gibibyte = 1024 ** 3

/** Ticks of the memory axis in bytes, on whole parts of a GiB. */
const memoryTicks = (points: readonly QuantPoint[]): readonly number[] =>
  ticksFromZero(points.map(({ bytes }) => bytes / gibibyte)).map((gib) => gib * gibibyte)

/** Where the memory axis ends. Bytes. */
export const quantEdge = (points: readonly QuantPoint[]): number => memoryTicks(points).at(-1) ?? 0

export type MemoryLimit = { readonly bytes: number; readonly name: string; readonly look: Look }

type QuantDrawingProps = {
  readonly points: readonly QuantPoint[]
  readonly looks: ReadonlyMap<string, Look>
  readonly limits: readonly MemoryLimit[]
}

/** Memory across, speed up. */
export function QuantDrawing({ points, looks, limits }: QuantDrawingProps) {
  const xTicks = memoryTicks(points)
  const yTicks = ticksFromZero(points.map(({ tokensPerSecond }) => tokensPerSecond))
  const edge = { x: xTicks.at(-1) ?? 0, y: yTicks.at(-1) ?? 1 }
  const labels = pointLabels(points, edge)
  return (
    <ResponsiveContainer width="100%" height={heightPx}>
      <ScatterChart margin={{ top: 8, right: 24, bottom: 18, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--berth-line)" />
        <XAxis {...memoryAxis} domain={[0, edge.x]} ticks={[...xTicks]} />
        <YAxis {...speedAxis} domain={[0, edge.y]} ticks={[...yTicks]} />
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
  )
}

const memoryAxis = {
  type: 'number',
  dataKey: 'bytes',
  tickFormatter: (bytes: number) => tickText(bytes / gibibyte),
  height: xAxisPx,
  label: axisTitle('Memory taken at most, GiB'),
  ...axisLook,
} as const

const speedAxis = {
  type: 'number',
  dataKey: 'tokensPerSecond',
  width: yAxisPx,
  tickFormatter: tickText,
  ...axisLook,
} as const

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
