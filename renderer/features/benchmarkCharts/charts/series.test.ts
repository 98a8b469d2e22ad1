import { describe, expect, it } from 'vitest'
import { bestAtEach, groupBy, mostPoints, point, rowsOf, thin } from './series.ts'

const line = (id: string, points: number) => ({
  id,
  name: id,
  points: Array.from({ length: points }, (_, x) => point(x, x * 2)),
})

describe('rows of a chart', () => {
  it('has all series at one x, and leaves out what was not measured there', () => {
    const rows = rowsOf([
      { id: 'a', name: 'a', points: [point(4, 40, { low: 39, high: 41 }), point(1, 10)] },
      { id: 'b', name: 'b', points: [point(4, 44)] },
    ])
    expect(rows.map(({ x }) => x)).toEqual([1, 4])
    expect(rows[0]?.at.b).toBeUndefined()
    expect(rows[1]?.at.a).toEqual({ x: 4, y: 40, low: 39, high: 41 })
    expect(rows[1]?.at.b?.low).toBeNull()
  })
  it('never draws more than a chart can bear', () => {
    const rows = rowsOf([line('a', 3000), line('b', 3000)])
    expect(rows.reduce((sum, { at }) => sum + Object.keys(at).length, 0)).toBeLessThanOrEqual(mostPoints)
    expect(rows.at(-1)?.x).toBe(2999)
  })
})

it('thins evenly and keeps both ends', () => {
  expect(thin([1, 2, 3, 4, 5], 3)).toEqual([1, 3, 5])
  expect(thin([1, 2], 3)).toEqual([1, 2])
})

it('takes the best of several combinations at one x', () => {
  expect(bestAtEach([point(8, 1), point(2, 5), point(8, 3)]).map(({ x, y }) => [x, y])).toEqual([
    [2, 5],
    [8, 3],
  ])
})

it('groups in the order in which keys came', () => {
  expect([...groupBy(['b1', 'a1', 'b2'], (text) => text.slice(0, 1))]).toEqual([
    ['b', ['b1', 'b2']],
    ['a', ['a1']],
  ])
})
