import { describe, expect, it } from 'vitest'
import { compareValues, keepOrder } from './keepOrder.ts'

const byValue = (a: { value: number }, b: { value: number }) => a.value - b.value
const idOf = ({ id }: { id: string }) => id
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).join('')
const row = (id: string, value: number) => ({ id, value })

describe('keepOrder', () => {
  it('sorts a list that nobody has seen yet', () => {
    expect(ids(keepOrder([], [row('b', 2), row('a', 1)], idOf, byValue))).toBe('ab')
  })
  it('leaves rows in their places when their values change', () => {
    expect(ids(keepOrder(['a', 'b', 'c'], [row('a', 9), row('b', 2), row('c', 3)], idOf, byValue))).toBe('abc')
  })
  it('drops rows that are gone and puts new ones where they belong', () => {
    const rows = [row('a', 1), row('c', 3), row('d', 4), row('b', 2)]
    expect(ids(keepOrder(['a', 'x', 'c'], rows, idOf, byValue))).toBe('abcd')
  })
})

describe('compareValues', () => {
  it('puts unknown last in both directions', () => {
    expect([null, 2, 1].sort((a, b) => compareValues(a, b, false))).toEqual([1, 2, null])
    expect([null, 1, 2].sort((a, b) => compareValues(a, b, true))).toEqual([2, 1, null])
  })
  it('reads numbers inside names', () => {
    expect(compareValues('q8', 'q10', false)).toBeLessThan(0)
  })
})
