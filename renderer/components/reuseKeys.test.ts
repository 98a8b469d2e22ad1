import { expect, test } from 'vitest'
import { reuseKeys } from './reuseKeys.ts'

/** The keys of a list that is drawn after another one, whose keys are 0, 1, 2 … */
const keysAfter = (before: string, after: string): number[] =>
  reuseKeys(reuseKeys([], [...before]), [...after]).map(({ key }) => key)

test('a list that is replaced is drawn into the elements of the one before', () => {
  expect(keysAfter('abc', 'xyz')).toEqual([0, 1, 2])
  expect(keysAfter('abc', 'x')).toEqual([0])
  expect(keysAfter('ab', 'xyz')).toEqual([0, 1, 2])
})

test('a row that stays keeps its element, whatever comes or goes beside it', () => {
  expect(keysAfter('abc', 'abc')).toEqual([0, 1, 2])
  expect(keysAfter('abc', 'axbc')).toEqual([0, 3, 1, 2])
  expect(keysAfter('abc', 'xabc')).toEqual([3, 0, 1, 2])
  expect(keysAfter('abcde', 'cdefg')).toEqual([2, 3, 4, 5, 6])
  expect(keysAfter('abcde', 'xcyz')).toEqual([0, 2, 3, 4])
})

test('no element is used twice or moved before another, however the rows change places', () => {
  for (const after of ['cba', 'bca', 'cxa', 'xcbya']) {
    const keys = keysAfter('abc', after)
    const old = keys.filter((key) => key < 3)
    expect(new Set(keys).size, after).toBe(after.length)
    expect(old, after).toEqual(old.toSorted((a, b) => a - b))
  }
})
