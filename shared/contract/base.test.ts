import { expect, test } from 'vitest'
import { wholeNumber } from './base.ts'

test.each([
  ['7', 7],
  [7, 7],
  ['', null],
  [' ', null],
  ['1.5', null],
  ['-1', null],
  ['101', null],
  ['Infinity', null],
  ['seven', null],
])('%j is %j of 0 to 100', (input, number) => {
  expect(wholeNumber(0, 100).safeParse(input).data ?? null).toBe(number)
})
