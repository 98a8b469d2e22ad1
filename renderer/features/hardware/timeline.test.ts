import { describe, expect, it } from 'vitest'
import type { History, HistoryPoint, HistoryRange } from '../../../shared/contract/hardware.ts'
import {
  livePoint,
  memoryTicks,
  mostPoints,
  otherBytes,
  ownersIn,
  rangeMs,
  timeTicks,
  withLive,
  withTailOf,
} from './timeline.ts'

const point = (at: number, usedBytes: number | null = 10, owners: Record<string, number> = {}): HistoryPoint => ({
  at,
  usedBytes,
  utilization: null,
  temperatureCelsius: null,
  powerWatts: null,
  owners,
})
const history = (points: HistoryPoint[], stepMs = 1000, range: HistoryRange = '5m'): History => ({
  device: 'cpu',
  range,
  stepMs,
  points,
  marks: [],
})
const times = ({ points }: History) => points.map(({ at }) => at)

describe('a timeline that goes on', () => {
  it('appends each reading of the shortest range', () => {
    expect(times([2000, 3000].map((at) => point(at)).reduce(withLive, history([point(1000)])))).toEqual([
      1000, 2000, 3000,
    ])
  })
  it('leaves a gap where nothing was read', () => {
    const { points } = withLive(history([point(1000)]), point(60_000))
    expect(points.map(({ usedBytes }) => usedBytes)).toEqual([10, null, 10])
  })
  it('moves the newest point of a long range until its step is over', () => {
    const start = history([point(0), point(60_000)], 60_000, '7d')
    const live = [70_000, 80_000, 130_000].map((at) => point(at)).reduce(withLive, start)
    expect(times(live)).toEqual([0, 60_000, 130_000])
  })
  it('drops what leaves the range and never holds more than can be drawn', () => {
    const full = history(
      Array.from({ length: mostPoints }, (_, index) => point(index * 600)),
      600,
    )
    const live = withLive(full, point(mostPoints * 600))
    expect(live.points.length).toBeLessThanOrEqual(mostPoints)
    expect(times(live)[0]).toBeGreaterThanOrEqual(mostPoints * 600 - rangeMs('5m'))
  })
  it('ignores a reading it has already', () => {
    const start = history([point(1000)])
    expect(withLive(start, point(1000))).toBe(start)
  })
  it('keeps what was seen after the end of a fresh answer', () => {
    const before = history([point(1000), point(2000), point(3000)])
    expect(times(withTailOf(history([point(500), point(1500)]), before))).toEqual([500, 1500, 2000, 3000])
    expect(times(withTailOf(history([point(500)], 1000, '1h'), before))).toEqual([500])
  })
})

it('sums what instances of one model hold and leaves unknown out', () => {
  const resources = {
    device: 'cpu',
    name: 'CPU',
    kind: 'cpu' as const,
    unified: false,
    totalBytes: 10,
    usedBytes: 9,
    freeBytes: 1,
    otherBytes: 1,
    instances: [],
    utilization: null,
    stale: false,
  }
  const reading = { ...point(1), device: 'cpu', freeBytes: 1, owners: [] }
  expect(livePoint(reading, resources).owners).toEqual({})
  expect(livePoint(reading, null).usedBytes).toBe(10)
})

it('counts as other what no model holds, and nothing where nothing was read', () => {
  expect(otherBytes(point(1, 10, { a: 4, b: 3 }))).toBe(3)
  expect(otherBytes(point(1, 5, { a: 6 }))).toBe(0)
  expect(otherBytes(point(1, null))).toBeNull()
  expect(ownersIn([point(1, 1, { b: 1 }), point(2, 1, { a: 1, b: 1 })])).toEqual(['a', 'b'])
})

it('puts the time axis at round times of the person’s zone', () => {
  const end = Date.UTC(2026, 10, 21, 12, 3, 30)
  expect(timeTicks('5m', end, 0).map((at) => new Date(at).toISOString().slice(11, 19))).toEqual([
    '11:59:00',
    '12:00:00',
    '12:01:00',
    '12:02:00',
    '12:03:00',
  ])
  const midnights = timeTicks('7d', end, -60)
  expect(midnights.length).toBe(7)
  expect(midnights.every((at) => new Date(at).toISOString().slice(11, 16) === '23:00')).toBe(true)
})

it('marks memory in round GiB, and the total where its words fit', () => {
  const gib = 1024 ** 3
  expect(memoryTicks(24 * gib).map((bytes) => bytes / gib)).toEqual([0, 8, 16, 24])
  expect(memoryTicks(31.3 * gib).map((bytes) => bytes / gib)).toEqual([0, 8, 16, 24, 31.3])
  expect(memoryTicks(2 * gib).map((bytes) => bytes / gib)).toEqual([0, 0.5, 1, 1.5, 2])
})
