import type { HistoryRange } from '../../shared/contract/hardware.ts'
import type { StoredReading } from '../catalog/readingRepository.ts'

/** Steps of the time series and how long each is kept: 1 s for an hour, 10 s for a day, 1 min for 30 days, 15 min for a year. */
export const tiers = [
  { stepMs: 1000, keptMs: 3_600_000 },
  { stepMs: 10_000, keptMs: 86_400_000 },
  { stepMs: 60_000, keptMs: 30 * 86_400_000 },
  { stepMs: 900_000, keptMs: 365 * 86_400_000 },
] as const

/** What a chart of each range reads and how wide its points are: never more than 500 of them. */
export const chartOf: Record<
  HistoryRange,
  { readonly rangeMs: number; readonly tierMs: number; readonly pointMs: number }
> = {
  '5m': { rangeMs: 300_000, tierMs: 1000, pointMs: 1000 },
  '1h': { rangeMs: 3_600_000, tierMs: 10_000, pointMs: 10_000 },
  '24h': { rangeMs: 86_400_000, tierMs: 60_000, pointMs: 180_000 },
  '7d': { rangeMs: 7 * 86_400_000, tierMs: 900_000, pointMs: 1_800_000 },
}

type Numeric = 'usedBytes' | 'utilization' | 'temperatureCelsius' | 'powerWatts'

/** Mean of what was read; a step without any reading stays unknown, and missing readings do not pull the mean down. */
const mean = (readings: readonly StoredReading[], field: Numeric): number | null => {
  let sum = 0
  let count = 0
  for (const reading of readings) {
    const value = reading[field]
    if (value === null) continue
    sum += value
    count++
  }
  return count === 0 ? null : sum / count
}

/** Several readings of one device become one. An owner that was there for part of the step counts for that part. */
export const mergeReadings = (device: string, at: number, readings: readonly StoredReading[]): StoredReading => {
  const owners: Record<string, number> = {}
  for (const reading of readings) {
    for (const [model, bytes] of Object.entries(reading.owners))
      owners[model] = (owners[model] ?? 0) + bytes / readings.length
  }
  return {
    device,
    at,
    usedBytes: mean(readings, 'usedBytes'),
    utilization: mean(readings, 'utilization'),
    temperatureCelsius: mean(readings, 'temperatureCelsius'),
    powerWatts: mean(readings, 'powerWatts'),
    owners,
  }
}

/** Readings in time order, one per step of `stepMs`; steps without readings are left out. */
export const resample = (readings: readonly StoredReading[], stepMs: number): StoredReading[] => {
  const steps = Map.groupBy(readings, (reading) => Math.floor(reading.at / stepMs) * stepMs)
  return [...steps].map(([at, group]) => mergeReadings(group[0]?.device ?? '', at, group))
}

/** A point without values after each hole, so that a chart does not draw a line over it. */
export const withGaps = (readings: readonly StoredReading[], stepMs: number): StoredReading[] =>
  readings.flatMap((reading, index) => {
    const previous = readings[index - 1]
    return previous && reading.at - previous.at > stepMs * 1.5
      ? [mergeReadings(reading.device, previous.at + stepMs, []), reading]
      : [reading]
  })
