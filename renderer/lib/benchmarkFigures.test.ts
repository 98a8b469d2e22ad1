import { describe, expect, it } from 'vitest'
import { formatInterval, formatMeasured, formatMs, formatSpread } from './benchmarkFigures.ts'

describe('a measured figure', () => {
  it('has three digits that count and its unit', () => {
    expect(formatMeasured(0.0421, 'tokens/s')).toBe('0.042 tok/s')
    expect(formatMeasured(4.209, 'tokens/s')).toBe('4.21 tok/s')
    expect(formatMeasured(41.23, 'texts/s')).toBe('41.2 texts/s')
    expect(formatMeasured(412.3, 'requests/s')).toBe('412 req/s')
    expect(formatMeasured(14_123.4, 'tokens/s')).toBe('14,123 tok/s')
  })
  it('keeps zero apart from unknown', () => {
    expect(formatMeasured(0, 'tokens/s')).toBe('0 tok/s')
    expect(formatMeasured(null, 'tokens/s')).toBe('–')
    expect(formatMs(Number.NaN)).toBe('–')
  })
  it('shows long times in seconds and memory in GiB', () => {
    expect(formatMs(8.4)).toBe('8.40 ms')
    expect(formatMs(9999)).toBe('9,999 ms')
    expect(formatMs(12_500)).toBe('12.5 s')
    expect(formatMeasured(5.5 * 1024 ** 3, 'bytes')).toBe('5.5 GiB')
  })
})

it('says half of an interval in the unit of its value', () => {
  expect(formatSpread(41, { low: 40.5, high: 41.5 }, 'tokens/s')).toBe('± 0.5')
  expect(formatSpread(12_000, { low: 11_000, high: 13_000 }, 'ms')).toBe('± 1.0')
  expect(formatSpread(412, { low: 411.8, high: 412.2 }, 'tokens/s')).toBe('± 0.2')
  expect(formatSpread(412, { low: 400, high: 424 }, 'tokens/s')).toBe('± 12')
  expect(formatSpread(41, null, 'tokens/s')).toBeNull()
})

it('shows no interval below zero, where no speed and no time can be', () => {
  expect(formatInterval({ low: -1.24, high: 11 }, 'tokens/s')).toBe('0 tok/s – 11.0 tok/s')
  expect(formatInterval({ low: 40, high: 42.5 }, 'tokens/s')).toBe('40.0 tok/s – 42.5 tok/s')
})
