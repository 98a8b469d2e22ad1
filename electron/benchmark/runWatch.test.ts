import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createRunWatch } from './runWatch.ts'

const never = new AbortController().signal
const everyMs = 50

/** A thing that counts to its end. */
const start = () => {
  const state = { count: 0, isOver: false }
  const watch = createRunWatch({ read: () => ({ ...state }), isOver: (value) => value.isOver, everyMs })
  const change = (to: Partial<typeof state>) => {
    Object.assign(state, to)
    watch.changed('a')
  }
  return { watch, change }
}

it('tells many changes a few times, the last of them always', async () => {
  const { watch, change } = start()
  const seen: number[] = []
  const startedAt = performance.now()
  const reading = (async () => {
    for await (const { count } of watch.follow('a', never)) seen.push(count)
  })()
  for (let count = 1; count <= 100; count++) {
    change({ count })
    await delay(1)
  }
  change({ isOver: true })
  await reading
  expect([seen[0], seen.at(-1)]).toEqual([0, 100])
  // the first at once, then one in each pause; timers may end a millisecond early
  expect(seen.length).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / (everyMs - 1))
  expect(new Set(seen).size).toBeGreaterThanOrEqual(seen.length - 1) // the end alone may say the same count again
  expect(watch.watchers()).toBe(0)
})

it('tells one that is over once', async () => {
  const { watch, change } = start()
  change({ isOver: true })
  const seen: unknown[] = []
  for await (const value of watch.follow('a', never)) seen.push(value)
  expect(seen).toHaveLength(1)
})

it('tells what changes while its reader is busy with the value before', async () => {
  const { watch, change } = start()
  const watched = watch.follow('a', never)
  await watched.next()
  change({ count: 1 })
  expect((await watched.next()).value).toMatchObject({ count: 1 })
  change({ count: 2, isOver: true })
  expect((await watched.next()).value).toMatchObject({ count: 2 })
  expect((await watched.next()).done).toBe(true)
})

it('ends for who leaves: before its first word, while nothing changes, and in a pause', async () => {
  const { watch, change } = start()
  expect((await watch.follow('a', AbortSignal.abort()).next()).done).toBe(true)
  for (const isChanging of [false, true]) {
    const leaving = new AbortController()
    const watched = watch.follow('a', leaving.signal)
    await watched.next()
    const next = watched.next()
    if (isChanging) change({ count: 1 })
    leaving.abort()
    expect((await next).done).toBe(true)
  }
  expect(watch.watchers()).toBe(0)
})
