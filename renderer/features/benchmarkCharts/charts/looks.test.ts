import { expect, it } from 'vitest'
import { looksOf } from './looks.ts'

it('tells neighbours apart without any colour, and gives what is known its own colour', () => {
  const ids = Array.from({ length: 9 }, (_, index) => `run ${index}`)
  const looks = looksOf(ids)
  const [first, second] = ids.map((id) => looks.get(id))
  expect(first?.shape).not.toBe(second?.shape)
  expect(new Set(ids.slice(0, 7).map((id) => looks.get(id)?.color)).size).toBe(7)
  expect(looks.get('run 8')?.dash).not.toBe('')
  const known = new Map([['a', 2]])
  expect(looksOf(['a', 'b'], known).get('a')?.color).toBe('#009e73')
})
