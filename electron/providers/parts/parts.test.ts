import { describe, expect, it } from 'vitest'
import { createChanges } from './changes.ts'
import { eachAtMost } from './parallel.ts'
import { parseParameterCount } from './parameterCount.ts'
import { sumOf } from './transfers.ts'

describe('changes of models', () => {
  it('are one at a time for each model, by what its names mean, and seen while they last', async () => {
    let told = 0
    const changes = createChanges<{ state: string }>(
      'It',
      () => void told++,
      (key) => key.toLowerCase(),
    )
    const { promise, resolve } = Promise.withResolvers<string>()
    const first = changes.during('A', { state: 'loading' }, () => promise)
    expect(changes.pending.get('a')).toEqual({ state: 'loading' })
    await expect(changes.during('a', { state: 'unloading' }, async () => '')).rejects.toMatchObject({
      code: 'BUSY',
      message: 'It is already loading a.',
    })
    expect(await changes.during('b', { state: 'unloading' }, async () => 'other')).toBe('other')
    resolve('done')
    expect(await first).toBe('done')
    expect(changes.pending.size).toBe(0)
    expect(told).toBe(4)
  })

  it('leave nothing behind when they fail', async () => {
    const changes = createChanges<{ state: string }>('It', () => {})
    await expect(changes.during('a', { state: 'loading' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(() => changes.refuseBusy('a')).not.toThrow()
  })
})

it('many things are worked on a few at a time, each once', async () => {
  let now = 0
  let most = 0
  const done: number[] = []
  await eachAtMost(3, Array.from({ length: 20 }).keys(), async (item) => {
    most = Math.max(most, ++now)
    await Promise.resolve()
    done.push(item)
    now--
  })
  expect(most).toBe(3)
  expect(done.toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 20 }).keys()])
})

it.each([
  ['3.2B', 3.2e9],
  ['22.57M', 22_570_000],
  ['30B-A3B', 30e9],
  ['1000', 1_000],
  ['', null],
  ['many', null],
])('a count of parameters, %s, is %s', (text, count) => {
  expect(parseParameterCount(text)).toBe(count)
})

it('files on their way are summed up, and the whole is unknown while one of them is', () => {
  const part = (doneBytes: number, totalBytes: number | null) => ({ name: 'x', doneBytes, totalBytes })
  expect(sumOf([part(1, 10), part(2, 20)])).toMatchObject({ doneBytes: 3, totalBytes: 30 })
  expect(sumOf([part(1, 10), part(2, null)])).toMatchObject({ doneBytes: 3, totalBytes: null })
})
