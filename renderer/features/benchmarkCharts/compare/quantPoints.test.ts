import { describe, expect, it } from 'vitest'
import { noHeadline } from '../../../lib/testMirror.ts'
import { aColumn, aRecord, aResult, tg } from '../testRun.ts'
import { pointLabels, quantFit, quantPoints } from './quantPoints.ts'

const memory = (processPeakBytes: number | null, beforeBytes: number | null, peakBytes: number | null) => ({
  device: 'gpu',
  name: 'RTX',
  beforeBytes,
  peakBytes,
  afterBytes: null,
  processPeakBytes,
})

const column = (id: string, speed: number | null, throughput: number | null, ...figures: ReturnType<typeof memory>[]) =>
  aColumn(id, id.toUpperCase(), [aResult(0, tg(0), 1, { memory: figures })], {
    record: aRecord('phi', 'Q4_K_M'),
    headline: { ...noHeadline, tokensPerSecond: speed, throughput },
  })

describe('speed beside memory', () => {
  it('takes what the process held, else what was more than before, over all devices', () => {
    const { points } = quantPoints([
      column('a', 40, null, memory(5, 1, 9), memory(2, 1, 9)),
      column('b', 30, null, memory(5, 1, 9), memory(null, 2, 5)),
      column('c', 20, null),
    ])
    expect(points.map(({ id, bytes, isMeasured }) => [id, bytes, isMeasured])).toEqual([
      ['a', 7, true],
      ['b', 11, false],
    ])
  })
  it('never mixes generation with throughput', () => {
    expect(
      quantPoints([column('a', 40, null, memory(5, 0, 5)), column('b', null, 900, memory(5, 0, 5))]),
    ).toMatchObject({
      speed: 'generation',
      points: [{ id: 'a' }],
    })
    expect(quantPoints([column('b', null, 900, memory(5, 0, 5))]).speed).toBe('throughput')
  })
})

it('says what fits now, what fits alone, and what does not', () => {
  const fit = (bytes: number) =>
    quantFit(
      { id: 'a', letter: 'A', quantization: null, bytes, isMeasured: true, tokensPerSecond: 1 },
      { freeBytes: 10, totalBytes: 20 },
    )
  expect([5, 15, 25].map(fit)).toEqual(['free', 'total', 'no'])
  const point = { id: 'a', letter: 'A', quantization: null, bytes: 5, isMeasured: true, tokensPerSecond: 1 }
  expect(quantFit(point, null)).toBe('unknown')
  expect(quantFit(point, { freeBytes: null, totalBytes: 4 })).toBe('no')
})

it('lets neighbours share their words, and turns them at the right edge', () => {
  const at = (letter: string, bytes: number, tokensPerSecond: number, quantization: string | null = 'Q4') => ({
    id: letter,
    letter,
    quantization,
    bytes,
    isMeasured: true,
    tokensPerSecond,
  })
  const labels = pointLabels([at('A', 10, 50), at('B', 10, 51), at('C', 11, 50, 'Q8'), at('D', 90, 10, null)], {
    x: 100,
    y: 100,
  })
  expect([...labels]).toEqual([
    ['A', { text: 'A, B Q4; C Q8', isLeft: false }],
    ['D', { text: 'D', isLeft: true }],
  ])
})
