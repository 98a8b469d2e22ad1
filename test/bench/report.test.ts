import { describe, expect, it } from 'vitest'
import { atMost, formatTable, judge, percentile, ratioAtLeast, ratioAtMost, spread } from './report.ts'

const peer = { name: 'other', version: '1.2', samples: [9, 10, 30] }

describe('a row', () => {
  it('compares the medians of both', () => {
    const row = judge({ name: 'header', unit: 'ms', limit: ratioAtMost(0.5), ours: [4, 5, 60], peer })
    expect(row).toEqual({
      name: 'header',
      unit: 'ms',
      ours: { min: 4, median: 5, max: 60, runs: 3 },
      peer: { name: 'other', version: '1.2', min: 9, median: 10, max: 30 },
      ratio: 0.5,
      limit: '≤ 0.5×',
      met: true,
      note: '',
    })
  })

  it('is not met when the ratio is beyond the limit, on the side that counts', () => {
    const figure = { name: 'speed', unit: 'tokens/s', ours: [6], peer }
    expect(judge({ ...figure, limit: ratioAtMost(0.5) }).met).toBe(false)
    expect(judge({ ...figure, limit: ratioAtLeast(0.5) }).met).toBe(true)
    expect(judge({ ...figure, limit: ratioAtLeast(0.95) })).toMatchObject({ met: false, limit: '≥ 0.95×' })
  })

  it('is never met when the peer is not there, and says why', () => {
    const figure = { name: 'speed', unit: 'tokens/s', limit: ratioAtLeast(0.9), ours: [1], note: 'one thread' }
    expect(judge({ ...figure, peer: { absent: 'llama-bench is not in PATH' } })).toMatchObject({
      ours: { median: 1 },
      peer: null,
      ratio: null,
      met: null,
      note: 'llama-bench is not in PATH; one thread',
    })
    expect(judge(figure).met).toBeNull()
  })

  it('is never met when it could not be measured here', () => {
    const row = judge({ name: 'memory', unit: 'MiB', limit: atMost(150), ours: { absent: 'only Linux tells' } })
    expect(row).toMatchObject({ ours: null, met: null, note: 'only Linux tells' })
  })

  it('with a limit of its own is judged by the worst run', () => {
    const figure = { name: 'memory', unit: 'MiB', limit: atMost(64) }
    expect(judge({ ...figure, ours: [10, 64] })).toMatchObject({ met: true, limit: '≤ 64 MiB', peer: null })
    expect(judge({ ...figure, ours: [10, 10, 65] }).met).toBe(false)
  })
})

describe('statistics', () => {
  it('do not depend on the order of the runs, and the median of an even number lies between two', () => {
    expect(spread([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5, max: 4 })
    expect(percentile([30, 10, 20], 1)).toBe(30)
    expect(percentile([0, 100], 0.99)).toBeCloseTo(99)
  })

  it('of nothing are an error', () => {
    expect(() => spread([])).toThrow(RangeError)
  })
})

describe('the table', () => {
  it('shows each row in columns, with its note below', () => {
    const rows = [
      judge({ name: 'header', unit: 'ms', limit: ratioAtMost(0.5), ours: [5], peer }),
      judge({ name: 'idle', unit: 'MiB', limit: atMost(150), ours: [120, 1234], note: 'after a minute' }),
    ]
    expect(formatTable(rows)).toBe(
      [
        '        unit  ours            peer                         ratio   limit',
        'header  ms    5.00            10.0 (9.00–30.0)  other 1.2  0.500×  ≤ 0.5×     met',
        'idle    MiB   677 (120–1234)  –                                    ≤ 150 MiB  NOT MET',
        '    after a minute',
        '',
      ].join('\n'),
    )
  })
})
