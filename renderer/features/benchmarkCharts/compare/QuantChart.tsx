import { useMemo } from 'react'
import { formatMeasured } from '../../../lib/benchmarkFigures.ts'
import { estimated, formatMemory, unknown } from '../../../lib/format.ts'
import { machineMemory } from '../../../lib/machineMemory.ts'
import { useResources } from '../../../lib/store.ts'
import { ChartFrame, FigureTable } from '../charts/ChartFrame.tsx'
import { type Look, limitLook } from '../charts/looks.ts'
import type { Column } from './compareRows.ts'
import { type MemoryLimit, QuantDrawing, quantEdge } from './QuantDrawing.tsx'
import { type QuantFit, type QuantPoint, quantFit, quantPoints } from './quantPoints.ts'

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
  const limits = limitsOf(memory, quantEdge(points))
  return (
    <ChartFrame
      title={
        speed === 'generation' ? 'Speed and memory of each quantisation' : 'Throughput and memory of each quantisation'
      }
      unit="tok/s"
      note={fitNote(points, memory)}
      keys={limits.map(({ name, look }) => ({ id: name, name, look }))}
      figures={<QuantFigures points={points} memory={memory} named={named} />}
    >
      <QuantDrawing points={points} looks={looks} limits={limits} />
    </ChartFrame>
  )
}

type QuantFiguresProps = Pick<QuantChartProps, 'named'> & {
  readonly points: readonly QuantPoint[]
  readonly memory: Memory
}

function QuantFigures({ points, memory, named }: QuantFiguresProps) {
  return (
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
  )
}

type Memory = ReturnType<typeof machineMemory>

/** What this machine has, as far as it is on the axis. */
const limitsOf = (memory: Memory, edge: number): readonly MemoryLimit[] =>
  [
    { bytes: memory?.freeBytes ?? null, words: 'free now', look: limitLook },
    { bytes: memory?.totalBytes ?? null, words: 'all memory', look: { ...limitLook, dash: '2 3' } },
  ].flatMap(({ bytes, words, look }) =>
    bytes === null || bytes > edge ? [] : [{ bytes, name: `${formatMemory(bytes)}, ${words}`, look }],
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
