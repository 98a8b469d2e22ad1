import { expect, test } from 'vitest'
import { cosine } from './cosine.ts'

test.each([
  [[1, 0], [2, 0], 1],
  [[1, 0], [0, 3], 0],
  [[1, 2], [-1, -2], -1],
  [[0, 0], [1, 2], null],
  [[1], [1, 2], null],
  [[], [], null],
])('of %j and %j is %s', (a, b, expected) => {
  const result = cosine(a, b)
  if (expected === null) expect(result).toBeNull()
  else expect(result).toBeCloseTo(expected, 12)
})
