import type { DeviceReading, History, HistoryMark, HistoryRange } from '../../shared/contract/hardware.ts'
import type { DeviceResources } from '../../shared/contract/models.ts'
import type { ReadingRepository, StoredReading } from '../catalog/readingRepository.ts'
import { chartOf, resample, tiers, withGaps } from './tiers.ts'

export interface HistoryServiceDeps {
  readonly readings: ReadingRepository
  readonly now: () => number
}

/** A second is written with its neighbours: one transaction, one flush of the disk. */
const writeEveryMs = 10_000
const pruneEveryMs = 600_000

/** Keeps what the devices did, in tiers, so that a chart of a week is answered from a few hundred rows. */
export const createHistoryService = ({ readings, now }: HistoryServiceDeps) => {
  let pending: StoredReading[] = []
  let writtenAt = now()
  let prunedAt = 0

  /** Closes every step of each coarser tier that ended since the last write. */
  const rollUp = (from: number, to: number): void => {
    tiers.slice(1).forEach(({ stepMs }, index) => {
      const finer = tiers[index]?.stepMs ?? stepMs
      const start = Math.floor(from / stepMs) * stepMs
      const end = Math.floor(to / stepMs) * stepMs
      if (end <= start) return
      for (const device of readings.devicesBetween(finer, start, end)) {
        readings.save(stepMs, resample(readings.between(finer, device, start, end), stepMs))
      }
    })
  }

  const write = (): void => {
    const rows = pending
    pending = []
    const from = writtenAt
    writtenAt = now()
    readings.save(tiers[0].stepMs, rows)
    rollUp(from, writtenAt)
    if (writtenAt - prunedAt < pruneEveryMs) return
    prunedAt = writtenAt
    for (const { stepMs, keptMs } of tiers) readings.removeBefore(stepMs, writtenAt - keptMs)
    readings.removeMarksBefore(writtenAt - tiers[3].keptMs)
  }

  return {
    /** Once a second. */
    record: (current: readonly DeviceReading[], resources: readonly DeviceResources[]): void => {
      for (const reading of current) {
        const owners: Record<string, number> = {}
        for (const { model, bytes } of resources.find((entry) => entry.device === reading.device)?.instances ?? []) {
          if (bytes !== null) owners[model] = (owners[model] ?? 0) + bytes
        }
        const { device, usedBytes, utilization, temperatureCelsius, powerWatts } = reading
        pending.push({
          device,
          at: Math.floor(reading.at / 1000) * 1000,
          usedBytes,
          utilization,
          temperatureCelsius,
          powerWatts,
          owners,
        })
      }
      if (now() - writtenAt >= writeEveryMs) write()
    },

    mark: (kind: HistoryMark['kind'], label: string): void => readings.saveMark({ at: now(), kind, label }),

    history: (device: string, range: HistoryRange): History => {
      const { rangeMs, tierMs, pointMs } = chartOf[range]
      const to = now() + 1
      const from = to - rangeMs
      const stored = readings.between(tierMs, device, from, to)
      const fresh = tierMs === tiers[0].stepMs ? pending.filter((reading) => reading.device === device) : []
      const points = withGaps(resample([...stored, ...fresh], pointMs), pointMs)
      return {
        device,
        range,
        stepMs: pointMs,
        points: points.slice(-500).map(({ device: _, ...point }) => ({ ...point, owners: { ...point.owners } })),
        marks: readings.marksBetween(from, to),
      }
    },

    close: write,
  }
}

export type HistoryService = ReturnType<typeof createHistoryService>
