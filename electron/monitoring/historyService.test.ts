import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { DeviceReading } from '../../shared/contract/hardware.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import { InstanceId } from '../../shared/contract/models.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { createReadingRepository } from '../catalog/readingRepository.ts'
import { createHistoryService } from './historyService.ts'
import { mergeReadings, withGaps } from './tiers.ts'

const start = 1_800_000_000_000

const reading = (at: number, usedBytes: number | null): DeviceReading => ({
  device: 'cpu',
  at,
  usedBytes,
  freeBytes: null,
  utilization: 0.5,
  temperatureCelsius: null,
  powerWatts: null,
  owners: [],
})

const resources = (bytes: number) => [
  {
    device: 'cpu',
    name: 'CPU',
    kind: 'cpu' as const,
    unified: false,
    totalBytes: 100,
    usedBytes: 50,
    freeBytes: 50,
    otherBytes: 0,
    utilization: null,
    stale: false,
    instances: [
      { instance: InstanceId.parse('i'), model: ModelId.parse('embedded/a'), bytes, source: 'measured' as const },
    ],
  },
]

const createClocked = () => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  const clock = { now: start }
  const readings = createReadingRepository(db)
  const history = createHistoryService({ readings, now: () => clock.now })
  const run = (seconds: number, used: (second: number) => number | null): void => {
    for (let second = 0; second < seconds; second++) {
      history.record([reading(clock.now, used(second))], resources(10))
      clock.now += 1000
    }
  }
  return { clock, readings, history, run }
}

describe('the history of a device', () => {
  it('answers each range with at most 500 points of its own width', () => {
    const { history, run } = createClocked()
    run(7200, (second) => second)
    for (const range of ['5m', '1h', '24h', '7d'] as const) {
      const { points, stepMs } = history.history('cpu', range)
      expect(points.length).toBeGreaterThan(0)
      expect(points.length).toBeLessThanOrEqual(500)
      expect(points.every((point) => point.at % stepMs === 0)).toBe(true)
    }
    expect(history.history('cpu', '5m').points.at(-1)).toMatchObject({
      at: start + 7199_000,
      usedBytes: 7199,
      owners: { 'embedded/a': 10 },
    })
  })

  it('rolls seconds up to means', () => {
    const { readings, run } = createClocked()
    run(130, (second) => second)
    expect(readings.between(10_000, 'cpu', start, start + 20_000).map((row) => row.usedBytes)).toEqual([4.5, 14.5])
    expect(readings.between(60_000, 'cpu', start, start + 60_000).map((row) => row.usedBytes)).toEqual([29.5])
  })

  it('forgets seconds after an hour and keeps the tens', () => {
    const { clock, readings, run } = createClocked()
    run(60, () => 1)
    clock.now += 3_700_000
    run(20, () => 1)
    expect(readings.between(1000, 'cpu', start, start + 60_000)).toEqual([])
    expect(readings.between(10_000, 'cpu', start, start + 60_000).length).toBeGreaterThan(0)
  })

  it('leaves a hole where nothing was read, and unknown is not zero', () => {
    const { clock, history, run } = createClocked()
    run(5, () => null)
    clock.now += 30_000
    run(5, () => 7)
    const { points } = history.history('cpu', '5m')
    expect(points.map((point) => point.usedBytes)).toEqual([null, null, null, null, null, null, 7, 7, 7, 7, 7])
    expect(points[0]?.utilization).toBe(0.5)
    expect(points[5]).toMatchObject({ at: start + 5000, utilization: null })
  })

  it('carries the marks of its range', () => {
    const { history } = createClocked()
    history.mark('load', 'embedded/a')
    expect(history.history('cpu', '5m').marks).toEqual([{ at: start, kind: 'load', label: 'embedded/a' }])
  })

  it('survives a restart in the middle of a step', () => {
    const { clock, readings, history, run } = createClocked()
    run(15, () => 4)
    history.close()
    const second = createHistoryService({ readings, now: () => clock.now })
    for (let n = 0; n < 60; n++) {
      second.record([reading(clock.now, 4)], [])
      clock.now += 1000
    }
    second.close()
    expect(readings.between(60_000, 'cpu', start, start + 60_000).map((row) => row.usedBytes)).toEqual([4])
  })
})

it('a mean leaves out what is unknown', () => {
  const row = (usedBytes: number | null) => ({
    device: 'd',
    at: 0,
    usedBytes,
    utilization: null,
    temperatureCelsius: null,
    powerWatts: null,
    owners: {},
  })
  expect(mergeReadings('d', 0, [row(2), row(null), row(4)])).toMatchObject({ usedBytes: 3, utilization: null })
  expect(withGaps([row(1)], 1000)).toHaveLength(1)
})
