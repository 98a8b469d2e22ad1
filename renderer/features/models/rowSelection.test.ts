import { describe, expect, it } from 'vitest'
import { extendTo, keepVisible, noSelection, toggleRow } from './rowSelection.ts'

const order = ['a', 'b', 'c', 'd', 'e']
const ids = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join('')

describe('the selection of rows', () => {
  it('takes everything between the first row and the one clicked with shift, both ways', () => {
    const anchored = toggleRow(noSelection, 'c')
    expect(ids(extendTo(anchored, 'e', order))).toBe('cde')
    expect(ids(extendTo(extendTo(anchored, 'e', order), 'a', order))).toBe('abc')
  })
  it('begins at the row itself when there is nothing to begin at', () => {
    expect(ids(extendTo(noSelection, 'b', order))).toBe('b')
    expect(ids(extendTo({ ids: new Set(['x']), anchor: 'x' }, 'b', order))).toBe('b')
  })
  it('lets a row go when it is chosen again', () => {
    expect(ids(toggleRow(toggleRow(noSelection, 'a'), 'a'))).toBe('')
  })
  it('drops rows that a search has hidden', () => {
    const selection = extendTo(toggleRow(noSelection, 'a'), 'c', order)
    expect(ids(keepVisible(selection, new Set(['b', 'c', 'd'])))).toBe('bc')
    expect(keepVisible(selection, new Set(order))).toBe(selection)
  })
})
