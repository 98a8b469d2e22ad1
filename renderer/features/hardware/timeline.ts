import type { DeviceReading, History, HistoryPoint, HistoryRange } from '../../../shared/contract/hardware.ts'
import type { DeviceResources } from '../../../shared/contract/models.ts'

export const ranges: readonly { readonly value: HistoryRange; readonly label: string; readonly ms: number }[] = [
  { value: '5m', label: '5 min', ms: 5 * 60_000 },
  { value: '1h', label: '1 h', ms: 60 * 60_000 },
  { value: '24h', label: '24 h', ms: 24 * 60 * 60_000 },
  { value: '7d', label: '7 d', ms: 7 * 24 * 60 * 60_000 },
]
export const rangeMs = (range: HistoryRange): number => ranges.find(({ value }) => value === range)?.ms ?? 300_000

/** A chart draws no more, whatever the range: recharts loses frames beyond 600. */
export const mostPoints = 500

/** So many missing steps are a gap and are drawn as one. */
const gapSteps = 4

/** Up to this step every reading is a point of its own. */
const everyReadingMs = 2000

const gapAt = (at: number): HistoryPoint => ({
  at,
  usedBytes: null,
  utilization: null,
  temperatureCelsius: null,
  powerWatts: null,
  owners: {},
})

const isGap = ({ usedBytes, utilization, temperatureCelsius, powerWatts }: HistoryPoint): boolean =>
  usedBytes === null && utilization === null && temperatureCelsius === null && powerWatts === null

export const livePoint = (reading: DeviceReading, resources: DeviceResources | null): HistoryPoint => {
  const owners: Record<string, number> = {}
  for (const { model, bytes } of resources?.instances ?? [])
    if (bytes !== null) owners[model] = (owners[model] ?? 0) + bytes
  return {
    at: reading.at,
    usedBytes: reading.usedBytes,
    utilization: reading.utilization,
    temperatureCelsius: reading.temperatureCelsius,
    powerWatts: reading.powerWatts,
    owners,
  }
}

/**
 * The history with what was read since. In the long ranges a point stands for minutes, so the newest one is the latest
 * reading until its step is over. What leaves the range on the left goes.
 */
export const withLive = (history: History, point: HistoryPoint): History => {
  const last = history.points.at(-1)
  if (last !== undefined && point.at <= last.at) return history
  const before = history.points.at(-2)
  const replaces =
    history.stepMs > everyReadingMs &&
    last !== undefined &&
    before !== undefined &&
    !isGap(before) &&
    last.at - before.at < history.stepMs * 0.9
  const kept = replaces ? history.points.slice(0, -1) : history.points
  const sinceMs = last === undefined ? 0 : point.at - last.at
  const gap = last !== undefined && sinceMs > gapSteps * history.stepMs ? [gapAt(last.at + history.stepMs)] : []
  const from = point.at - rangeMs(history.range)
  const points = [...kept, ...gap, point].filter(({ at }) => at >= from).slice(-mostPoints)
  return { ...history, points, marks: history.marks.filter(({ at }) => at >= from) }
}

/** A fresh answer, with what this window saw after the answer's end: main writes its tiers a little later. */
export const withTailOf = (fresh: History, before: History | null): History => {
  if (before === null || before.device !== fresh.device || before.range !== fresh.range) return fresh
  const end = fresh.points.at(-1)?.at ?? 0
  return before.points.filter(({ at }) => at > end).reduce(withLive, fresh)
}

/** Models that held memory in this time, in an order that does not depend on how much. */
export const ownersIn = (points: readonly HistoryPoint[]): readonly string[] => {
  const owners = new Set<string>()
  for (const point of points) for (const owner of Object.keys(point.owners)) owners.add(owner)
  return [...owners].sort()
}

/** Memory that is used and belongs to no model; null where it was not read. */
export const otherBytes = ({ usedBytes, owners }: HistoryPoint): number | null => {
  if (usedBytes === null) return null
  let named = 0
  for (const bytes of Object.values(owners)) named += bytes
  return Math.max(0, usedBytes - named)
}

const minuteMs = 60_000
const tickMs: Record<HistoryRange, number> = {
  '5m': minuteMs,
  '1h': 10 * minuteMs,
  '24h': 4 * 60 * minuteMs,
  '7d': 24 * 60 * minuteMs,
}

/** Round times in the person's own zone, `offsetMinutes` as Date gives it: whole minutes, hours, midnights. */
export const timeTicks = (range: HistoryRange, end: number, offsetMinutes: number): readonly number[] => {
  const step = tickMs[range]
  const shift = offsetMinutes * minuteMs
  const first = Math.ceil((end - rangeMs(range) - shift) / step) * step + shift
  const ticks: number[] = []
  for (let at = first; at <= end; at += step) ticks.push(at)
  return ticks
}

const gibibyte = 1024 ** 3

/** Round figures in GiB from zero, at most five, and the total itself where there is room for its words. */
export const memoryTicks = (totalBytes: number): readonly number[] => {
  const total = totalBytes / gibibyte
  let step = 2 ** Math.ceil(Math.log2(total / 5))
  if (!Number.isFinite(step) || step <= 0) step = 1
  const ticks: number[] = []
  for (let tick = 0; tick <= total; tick += step) ticks.push(tick * gibibyte)
  const last = ticks.at(-1) ?? 0
  return totalBytes - last > (step / 2) * gibibyte ? [...ticks, totalBytes] : ticks
}
