import { expect, test } from 'vitest'
import { createCrashLoop } from './crashLoop.ts'

const minute = 60_000

test('the third crash in five minutes sets a model aside until the first is five minutes ago', () => {
  let clock = 0
  const loop = createCrashLoop(() => clock)
  const check = () => loop.check('a', {}, 'It ended.')
  for (const at of [0, 2, 4]) {
    clock = at * minute
    check()
    loop.add('a', {})
  }
  expect(check).toThrow(expect.objectContaining({ code: 'SET_ASIDE', message: expect.stringContaining('It ended.') }))
  expect(() => loop.check('b', {}, null)).not.toThrow()
  clock = 5 * minute - 1
  expect(check).toThrow()
  clock = 5 * minute
  expect(check).not.toThrow()
})

test('other options are another try, and a keepAlive is no other option', () => {
  const loop = createCrashLoop(() => 0)
  for (let n = 0; n < 3; n += 1) loop.add('a', { threads: 2, keepAlive: 10 })
  expect(() => loop.check('a', { threads: 2, keepAlive: 'forever' }, null)).toThrow()
  expect(() => loop.check('a', { threads: 1 }, null)).not.toThrow()
  expect(() => loop.check('a', { threads: 2 }, null)).not.toThrow()
})
