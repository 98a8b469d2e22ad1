import { describe, expect, test } from 'vitest'
import { arrivalTimes } from './arrivals.ts'
import { createEventReader } from './eventReader.ts'
import { highestGood, type LoadKind, nextLoad, type TriedLoad } from './highestLoad.ts'
import { createPrompts } from './prompts.ts'

describe('arrivals', () => {
  test('are evenly spaced, or random with the same mean', () => {
    const plan = { requestsPerSecond: 50, count: 20_000, seed: 3 }
    expect(arrivalTimes({ ...plan, count: 4, pattern: 'constant' })).toEqual([0, 20, 40, 60])
    const random = arrivalTimes({ ...plan, pattern: 'poisson' })
    expect(random).toEqual(arrivalTimes({ ...plan, pattern: 'poisson' }))
    expect(random).not.toEqual(arrivalTimes({ ...plan, seed: 4, pattern: 'poisson' }))
    const spaces = random.slice(1).map((at, index) => at - (random[index] ?? 0))
    const mean = spaces.reduce((sum, each) => sum + each, 0) / spaces.length
    expect(mean).toBeCloseTo(20, 0)
    // of an exponential distribution: its deviation is its mean, and 1/e of it lies above that
    const deviation = Math.sqrt(spaces.reduce((sum, each) => sum + (each - mean) ** 2, 0) / spaces.length)
    expect(deviation / mean).toBeCloseTo(1, 1)
    expect(spaces.filter((each) => each > mean).length / spaces.length).toBeCloseTo(Math.exp(-1), 1)
  })
})

describe('prompts', () => {
  test('are as long as they should be, the same for the same seed, and each begins differently', () => {
    const promptOf = createPrompts({ seed: 9, words: 200, tag: 'run' })
    const all = Array.from({ length: 500 }, (_, index) => promptOf(index))
    expect(all.every((prompt) => prompt.split(' ').length === 200)).toBe(true)
    expect(all).toEqual(all.map((_, index) => createPrompts({ seed: 9, words: 200, tag: 'run' })(index)))
    expect(new Set(all.map((prompt) => prompt.split(' ')[0])).size).toBe(500)
    expect(all.every((prompt) => /^[a-z0-9 -]+$/.test(prompt))).toBe(true)
    expect(createPrompts({ seed: 9, words: 1, tag: 'run' })(3)).toBe('run-3')
  })
})

describe('events', () => {
  const read = (format: 'openai' | 'ollama', bytes: Buffer, size: number) => {
    const seen: string[] = []
    const reader = createEventReader(format, 1000, (data) => seen.push(data))
    for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size))
    reader.end()
    return seen
  }
  test('are the same however the bytes are cut', () => {
    const text = ': ping\r\n\r\ndata: {"a":"ä€😀"}\r\n\r\nevent: x\ndata:1\ndata: 2\nid: 3\n\ndatabase: 4\n\ndata: last'
    for (let size = 1; size < 60; size++)
      expect(read('openai', Buffer.from(text), size)).toEqual(['{"a":"ä€😀"}', '1\n2', 'last'])
    expect(read('ollama', Buffer.from('{"a":1}\n\n{"b":"ü"}'), 2)).toEqual(['{"a":1}', '{"b":"ü"}'])
  })
})

describe('the search for the highest load', () => {
  const search = (kind: LoadKind, keeps: (size: number) => boolean, first: readonly number[]) => {
    const tried: TriedLoad[] = first.map((size) => ({ size, keepsLimits: keeps(size) }))
    let steps = 0
    for (let size = nextLoad(kind, tried); size !== null && steps < 100; size = nextLoad(kind, tried), steps++)
      tried.push({ size, keepsLimits: keeps(size) })
    return { found: highestGood(tried), steps }
  }
  test.each([1, 2, 3, 7, 23, 24, 25, 100, 255])('finds a concurrency of %i', (limit) => {
    const { found, steps } = search('concurrency', (size) => size <= limit, [1, 2, 4])
    expect(found).toBeGreaterThanOrEqual(Math.min(limit, Math.ceil(limit / 1.06)))
    expect(found).toBeLessThanOrEqual(limit)
    expect(steps).toBeLessThanOrEqual(12)
  })
  test.each([0.3, 1.7, 9, 44])('finds a rate of %d to 5 in 100', (limit) => {
    const { found, steps } = search('rate', (size) => size <= limit, [1, 4])
    expect(found).toBeGreaterThan(limit * 0.94)
    expect(found).toBeLessThanOrEqual(limit)
    expect(steps).toBeLessThanOrEqual(12)
  })
  test('ends where none keeps the limits, and at the most that can be asked for', () => {
    expect(search('concurrency', () => false, [1, 8])).toEqual({ found: null, steps: 0 })
    expect(search('concurrency', () => false, [8])).toEqual({ found: null, steps: 3 })
    expect(search('concurrency', () => true, [4])).toEqual({ found: 256, steps: 6 })
    expect(search('rate', () => false, [1]).steps).toBeLessThan(12)
  })
})
