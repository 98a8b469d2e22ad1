import { expect, it } from 'vitest'
import { aResult, tg } from '../testRun.ts'
import { memoryOf } from './memoryRows.ts'

const figures = (beforeBytes: number | null, peakBytes: number | null, afterBytes: number | null) => ({
  device: 'gpu',
  name: 'RTX',
  beforeBytes,
  peakBytes,
  afterBytes,
  processPeakBytes: null,
})

it('is what was there before the first test, the most in any, and what is left after the last', () => {
  const results = [
    aResult(1, tg(0), 40, { memory: [figures(5, 9, 6)] }),
    aResult(0, tg(0), 40, { memory: [figures(1, 12, 5)] }),
  ]
  expect(memoryOf(results, [{ device: 'gpu', totalBytes: 24 }])).toEqual([
    {
      device: 'gpu',
      name: 'RTX',
      beforeBytes: 1,
      peakBytes: 12,
      afterBytes: 6,
      processPeakBytes: null,
      totalBytes: 24,
    },
  ])
})

it('keeps what nobody told unknown', () => {
  const [device] = memoryOf([aResult(0, tg(0), 40, { memory: [figures(null, null, null)] })], [])
  expect(device).toMatchObject({ beforeBytes: null, peakBytes: null, afterBytes: null, totalBytes: null })
})
