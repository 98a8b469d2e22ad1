import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTextBatch } from './textBatch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first text goes at once, what follows within a frame goes together', () => {
  const sent: string[] = []
  const batch = createTextBatch((text) => sent.push(text))
  batch.add('a')
  expect(sent).toEqual(['a'])
  batch.add('b')
  batch.add('c')
  expect(sent).toEqual(['a'])
  vi.advanceTimersByTime(16)
  expect(sent).toEqual(['a', 'bc'])
  batch.add('d')
  batch.flush()
  batch.flush()
  expect(sent).toEqual(['a', 'bc', 'd'])
})
