import { expect, test } from 'vitest'
import { bytes, group, plainDetails, tokens, yesNo } from './facts.ts'

test('what is not told makes no row, zero does, and a group without rows is left out', () => {
  const some = group('Some', '/x', [
    ['Nothing', null],
    ['Empty', ''],
    ['Left out', undefined],
    ['Zero', 0],
    ['Many', 1_234_567.8912],
    ['Text', 'as it is'],
  ])
  expect(some.facts.map(({ label, value }) => [label, value])).toEqual([
    ['Zero', '0'],
    ['Many', '1,234,567.891'],
    ['Text', 'as it is'],
  ])
  expect(plainDetails([some, group('None', '/x', [['Nothing', null]])]).groups).toEqual([some])
})

test('a long text is cut and says how long it was', () => {
  const [fact] = group('Some', '/x', [['Long', 'a'.repeat(5_000)]]).facts
  expect(fact?.value).toBe(`${'a'.repeat(4_000)}… (5,000 characters)`)
})

test('units stand with what is told, and unknown stays unknown', () => {
  expect([tokens(4096), bytes(0), yesNo(false)]).toEqual(['4,096 tokens', '0 bytes', 'no'])
  expect([tokens(null), bytes(undefined), yesNo(null)]).toEqual([null, null, null])
})
