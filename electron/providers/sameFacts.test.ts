import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mutationSeed } from '../../test/support/mutation.ts'
import { sameFacts } from './sameFacts.ts'

/** Names in one order, so that its text tells what it says. */
const sorted = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]))
}

const facts = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.constantFrom(null, true, false, 0, 1, '', 'a'), fc.integer(), fc.string()),
  value: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true }),
  ),
})).value

const textOf = (value: unknown) => JSON.stringify(sorted(value))

test('facts are the same when they say the same, in whatever order of their names', () => {
  fc.assert(
    fc.property(facts, facts, (a, b) => {
      expect(sameFacts(a, structuredClone(a))).toBe(true)
      expect(sameFacts(a, b)).toBe(textOf(a) === textOf(b))
    }),
    { numRuns: 2_000, seed: mutationSeed },
  )
})

test.each([
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [[], {}, false],
  [{ a: undefined }, { b: 1 }, false],
  [{ a: null }, {}, false],
  [Number.NaN, Number.NaN, true],
  [[1, [2]], [1, [2]], true],
  [[1], ['1'], false],
])('%j and %j: %j', (a, b, same) => {
  expect(sameFacts(a, b)).toBe(same)
})
