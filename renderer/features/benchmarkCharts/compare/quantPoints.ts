import type { MemoryFigures } from '../../../../shared/contract/benchmarkResults.ts'
import { modelBytes } from '../../../../shared/modelBytes.ts'
import { groupBy } from '../charts/series.ts'
import type { Column } from './compareRows.ts'

/** One run as a point: how fast, with how much memory, in which quantisation. */
export type QuantPoint = {
  readonly id: string
  readonly letter: string
  readonly quantization: string | null
  readonly bytes: number
  /** told of the model's own process; false: what the devices held more than before */
  readonly isMeasured: boolean
  readonly tokensPerSecond: number
}

/** How much more was in use on the devices than before, whoever took it; null where that was not read. */
const growth = (memory: readonly MemoryFigures[]): number | null => {
  const more = memory.flatMap(({ beforeBytes, peakBytes }) =>
    beforeBytes === null || peakBytes === null ? [] : [Math.max(0, peakBytes - beforeBytes)],
  )
  return more.length === 0 ? null : more.reduce((sum, bytes) => sum + bytes, 0)
}

/** The most of any result; null: nothing tells. */
const most = (all: readonly (number | null)[]): number | null => Math.max(0, ...all.map((bytes) => bytes ?? 0)) || null

export type QuantChoice = { readonly speed: 'generation' | 'throughput'; readonly points: readonly QuantPoint[] }

/**
 * First generation of each run beside the most memory that its model took; the most throughput where no run has the one.
 * The two are not the same thing, so they never stand in one chart. What lacks a figure is left out.
 */
export const quantPoints = (columns: readonly Column[]): QuantChoice => {
  const generates = columns.some(({ run }) => run.benchmark.headline.tokensPerSecond !== null)
  const points = columns.flatMap(({ id, letter, run: { results, benchmark } }) => {
    const { tokensPerSecond, throughput } = benchmark.headline
    const speed = generates ? tokensPerSecond : throughput
    const measured = most(results.map(({ memory }) => modelBytes(memory)))
    const bytes = measured ?? most(results.map(({ memory }) => growth(memory)))
    if (speed === null || bytes === null) return []
    const quantization = benchmark.record?.model.quantization ?? null
    return [{ id, letter, quantization, bytes, isMeasured: measured !== null, tokensPerSecond: speed }]
  })
  return { speed: generates ? 'generation' : 'throughput', points }
}

export type QuantFit = 'free' | 'total' | 'no' | 'unknown'

/** Now, if everything else went, or not at all. */
export const quantFit = (
  { bytes }: QuantPoint,
  memory: { readonly freeBytes: number | null; readonly totalBytes: number | null } | null,
): QuantFit => {
  const { freeBytes = null, totalBytes = null } = memory ?? {}
  if (freeBytes !== null && bytes <= freeBytes) return 'free'
  if (totalBytes === null) return 'unknown'
  return bytes <= totalBytes ? 'total' : 'no'
}

/** So near that the words of two points would lie over each other, as parts of the axes. */
const nearX = 0.25
const nearY = 0.08

export type PointLabel = { readonly text: string; readonly isLeft: boolean }

const together = (group: readonly QuantPoint[]): string =>
  [...groupBy(group, ({ quantization }) => quantization ?? '')]
    .map(([name, of]) => `${of.map(({ letter }) => letter).join(', ')} ${name}`.trim())
    .join('; ')

/**
 * What stands beside which point; neighbours share the words of the first of them. `x` and `y`: where the axes end.
 * At the right edge words go to the left.
 */
export const pointLabels = (
  points: readonly QuantPoint[],
  { x, y }: { readonly x: number; readonly y: number },
): ReadonlyMap<string, PointLabel> => {
  const isNear = (a: QuantPoint, b: QuantPoint): boolean =>
    Math.abs(a.bytes - b.bytes) / x < nearX && Math.abs(a.tokensPerSecond - b.tokensPerSecond) / y < nearY
  const groups: QuantPoint[][] = []
  for (const each of points) {
    const group = groups.find(([first]) => first !== undefined && isNear(first, each))
    if (group === undefined) groups.push([each])
    else group.push(each)
  }
  return new Map(
    groups.flatMap((group) =>
      group.slice(0, 1).map((first) => [first.id, { text: together(group), isLeft: first.bytes > x * 0.7 }] as const),
    ),
  )
}
