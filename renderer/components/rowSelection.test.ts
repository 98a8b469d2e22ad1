import { describe, expect, it } from 'vitest'
import { chooseRow, keepVisible, noSelection, type RowSelection } from './rowSelection.ts'

const order = ['a', 'b', 'c', 'd', 'e']
const ids = (selection: RowSelection) => [...selection.ids].sort().join('')
const only = (id: string) => chooseRow(noSelection, id, 'only', order)
const extend = (selection: RowSelection, id: string) => chooseRow(selection, id, 'extend', order)

describe('the selection of rows', () => {
  it('takes everything between the first row and the one clicked with shift, both ways', () => {
    expect(ids(extend(only('c'), 'e'))).toBe('cde')
    expect(ids(extend(extend(only('c'), 'e'), 'a'))).toBe('abc')
  })
  it('begins at the row itself when there is nothing to begin at', () => {
    expect(ids(extend(noSelection, 'b'))).toBe('b')
    expect(ids(extend({ ids: new Set(['x']), anchor: 'x' }, 'b'))).toBe('b')
  })
  it('adds a row, and lets it go when it is chosen again', () => {
    const two = chooseRow(only('a'), 'd', 'toggle', order)
    expect(ids(two)).toBe('ad')
    expect(ids(chooseRow(two, 'a', 'toggle', order))).toBe('d')
  })
  it('forgets the others on a plain click', () => {
    expect(ids(chooseRow(extend(only('a'), 'c'), 'e', 'only', order))).toBe('e')
  })
  it('drops rows that a search has hidden', () => {
    const selection = extend(only('a'), 'c')
    expect(ids(keepVisible(selection, new Set(['b', 'c', 'd'])))).toBe('bc')
    expect(keepVisible(selection, new Set(order))).toBe(selection)
  })
})
