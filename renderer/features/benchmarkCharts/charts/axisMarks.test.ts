import { expect, it } from 'vitest'
import { spacedMarks } from './axisMarks.ts'

const marks = (...places: number[]) => places.map((x) => ({ x, name: `b${x}` }))

it('leaves out words that would lie over each other, and keeps every line and the last word', () => {
  expect(spacedMarks(marks(0, 10, 50, 95, 100), 0, 100).map(({ name }) => name)).toEqual(['', 'b10', 'b50', '', 'b100'])
})

it('shows the only version there is', () => {
  expect(spacedMarks(marks(5), 5, 5)).toEqual(marks(5))
})
