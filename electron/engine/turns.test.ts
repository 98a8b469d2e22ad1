import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

const never = new AbortController().signal

test('turns come in order of arrival, one at a time', async () => {
  const turns = createTurns(2)
  const order: number[] = []
  const take = async (n: number) => {
    const leave = await turns.enter(never)
    order.push(n)
    await Promise.resolve()
    order.push(n)
    leave()
  }
  await Promise.all([take(1), take(2), take(3)])
  expect(order).toEqual([1, 1, 2, 2, 3, 3])
})

test('more than may wait are refused, until one has left', async () => {
  const turns = createTurns(1)
  const leave = await turns.enter(never)
  const second = turns.enter(never)
  await expect(turns.enter(never)).rejects.toMatchObject({ code: 'BUSY' })
  leave()
  const leaveSecond = await second
  const third = turns.enter(never)
  leaveSecond()
  await third
})

test('one that gives up makes room and keeps nobody waiting', async () => {
  const turns = createTurns(1)
  const leave = await turns.enter(never)
  const patience = new AbortController()
  const given = turns.enter(patience.signal)
  patience.abort()
  await expect(given).rejects.toMatchObject({ code: 'CANCELLED' })
  const next = turns.enter(never)
  leave()
  await next
  await expect(turns.enter(patience.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
})
