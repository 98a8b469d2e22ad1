import { describe, expect, it } from 'vitest'
import { closeTicks, logTicks, niceTicks, ticksFromZero, tickText, tokenTick, wantsLog } from './axis.ts'

describe('ticks of an axis', () => {
  it('are round and hold all values', () => {
    expect(niceTicks(0, 41.3)).toEqual([0, 20, 40, 60])
    expect(niceTicks(0, 0.34)).toEqual([0, 0.1, 0.2, 0.3, 0.4])
    expect(ticksFromZero([3, 9, 17])).toEqual([0, 5, 10, 15, 20])
  })
  it('stand where nothing or one value was measured', () => {
    expect(ticksFromZero([])).toEqual([0, 1])
    expect(ticksFromZero([0])).toEqual([0, 1])
    expect(closeTicks([])).toEqual([0, 1])
    expect(closeTicks([40])).toEqual([35, 40, 45])
  })
  it('show a change over time without making a percent a fall', () => {
    const ticks = closeTicks([100, 101])
    expect(ticks[0]).toBeLessThanOrEqual(90)
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(110)
    const wide = closeTicks([10, 100])
    expect(wide[0]).toBe(0)
    expect(wide.at(-1)).toBeGreaterThanOrEqual(100)
  })
  it('go by 1, 2, 5 on a logarithmic axis, eight at most', () => {
    expect(logTicks(3, 40)).toEqual([2, 5, 10, 20, 50])
    expect(logTicks(1, 100_000).length).toBeLessThanOrEqual(8)
    expect(logTicks(0.2, 100_000)[0]).toBe(0.2)
    expect(logTicks(0, 5)).toEqual([])
  })
})

it('doubles the axis for loads that double', () => {
  expect(wantsLog([1, 2, 4, 8, 16])).toBe(true)
  expect(wantsLog([1, 2, 3, 4])).toBe(false)
  expect(wantsLog([0, 512, 4096])).toBe(false)
})

it('writes ticks short', () => {
  expect([0, 0.25, 1200, 120_000].map(tickText)).toEqual(['0', '0.25', '1,200', '120k'])
  expect([0, 512, 4096, 16_384, 1500].map(tokenTick)).toEqual(['0', '512', '4k', '16k', '1,500'])
})
