import { expect, test } from 'vitest'
import { createSleepPolicy, type SleepDecision } from './sleepPolicy.ts'

/** One decision a second: `b` busy, `i` idle, `z` asleep. */
function decisions(states: string, canSleep = true): SleepDecision[] {
  let now = 0
  const decide = createSleepPolicy(() => now)
  return [...states].map((state) => {
    now += 1_000
    return decide({ canSleep, asleep: state === 'z', idle: state === 'i' })
  })
}
const short = (list: readonly SleepDecision[]) => list.map((decision) => decision[0]).join('')

test('a GPU that cannot sleep is always read', () => {
  expect(short(decisions('i'.repeat(40), false))).toBe('r'.repeat(40))
})

test('a busy GPU is read, and idle moments in between do not count', () => {
  expect(decisions('iiiiiiiiibiiiiiiiii').every((decision) => decision === 'read')).toBe(true)
})

test('an idle GPU is left alone after 10 s, until it sleeps', () => {
  const list = decisions(`${'i'.repeat(15)}zzz`)
  expect(list.slice(0, 10)).toEqual(Array(10).fill('read'))
  expect(list.slice(10, 15)).toEqual(Array(5).fill('rest'))
  expect(list.slice(15)).toEqual(Array(3).fill('asleep'))
})

test('an idle GPU that something else keeps awake is left alone only once', () => {
  const list = decisions('i'.repeat(80))
  expect(list.filter((decision) => decision === 'rest')).toHaveLength(20)
  expect(list.slice(30)).toEqual(Array(50).fill('read'))
})

test('after it did sleep it is left alone again', () => {
  const list = decisions(`${'i'.repeat(40)}z${'i'.repeat(15)}`)
  expect(list.slice(-4)).toEqual(Array(4).fill('rest'))
})
