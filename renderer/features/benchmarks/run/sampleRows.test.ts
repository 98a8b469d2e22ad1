import { expect, it } from 'vitest'
import { sampleRows } from './sampleRows.ts'

it('counts every time of a request from its plan', () => {
  const { requests } = sampleRows([
    {
      plannedMs: 100,
      sentMs: 102,
      firstMs: 150,
      pieceMs: [150, 160, 220],
      endMs: 230,
      promptTokens: 512,
      outputTokens: 3,
      error: null,
    },
    {
      plannedMs: 200,
      sentMs: 200,
      firstMs: null,
      pieceMs: [],
      endMs: 260,
      promptTokens: null,
      outputTokens: null,
      error: 'PROVIDER_TIMEOUT',
    },
  ])
  expect(requests).toMatchObject([
    { id: '1', lateMs: 2, ttftMs: 50, e2eMs: 130, longestMs: 60, pieces: 3 },
    { id: '2', lateMs: 0, ttftMs: null, e2eMs: 60, longestMs: null, pieces: 0, error: 'PROVIDER_TIMEOUT' },
  ])
})

it('keeps repetitions in their order', () => {
  const { repetitions, requests } = sampleRows([
    { ms: 12.5, value: 40.9 },
    { ms: 12.1, value: 42.3 },
  ])
  expect(repetitions.map(({ id, ms, value }) => [id, ms, value])).toEqual([
    ['1', 12.5, 40.9],
    ['2', 12.1, 42.3],
  ])
  expect(requests).toEqual([])
})
