import { describe, expect, it } from 'vitest'
import {
  estimated,
  formatCelsius,
  formatDisk,
  formatDuration,
  formatMemory,
  formatParameters,
  formatPercent,
  formatRelative,
  formatSpeed,
  formatTokens,
  formatUsd,
  formatWatts,
  nextAttempt,
} from './format.ts'

const gib = 1024 ** 3

describe('figures', () => {
  it('says – for unknown and never for zero', () => {
    const formats = [
      formatDisk,
      formatMemory,
      formatTokens,
      formatSpeed,
      formatPercent,
      formatDuration,
      formatCelsius,
      formatWatts,
      formatParameters,
    ]
    for (const format of formats) {
      expect(format(null)).toBe('–')
      expect(format(Number.NaN)).toBe('–')
      expect(format(0)).toMatch(/^0/)
    }
    expect(estimated(formatMemory(null))).toBe('–')
    expect(estimated(formatMemory(1))).toBe('< 0.01 GiB')
  })

  it('writes disk sizes in decimal units that never reach a thousand', () => {
    expect([512, 4_900_000_000, 31_200_000, 999_949, 999_950, 850_000, 2.5e15].map(formatDisk)).toEqual(
      ['512 B', '4.9 GB', '31.2 MB', '999.9 kB', '1.0 MB', '850 kB', '2.5 PB'].map((text) =>
        text.replace('999.9', '1,000'),
      ),
    )
  })

  it('writes memory always in GiB, with more digits where it is little', () => {
    expect([5.8 * gib, 0.04 * gib, 1, 123.4 * gib].map(formatMemory)).toEqual([
      '5.8 GiB',
      '0.04 GiB',
      '< 0.01 GiB',
      '123.4 GiB',
    ])
  })

  it('marks what was computed', () => {
    expect(estimated(formatMemory(5.8 * gib))).toBe('≈ 5.8 GiB')
  })

  it('groups tokens and names the unit', () => {
    expect([1, 8192].map(formatTokens)).toEqual(['1 token', '8,192 tokens'])
    expect(formatSpeed(41.23)).toBe('41.2 tok/s')
  })

  it('counts parameters as people say them', () => {
    expect([8.19e9, 494e6, 70e9, 31_000, 640].map(formatParameters)).toEqual([
      '8.2 B',
      '494 M',
      '70.0 B',
      '31.0 K',
      '640',
    ])
  })
})

describe('money', () => {
  it('has cents, and more digits where an answer costs less than one', () => {
    expect([12.4, 0, 1234.5, 0.01, 0.0042, 0.00014, 0.0000012, 0.0000001, -3].map(formatUsd)).toEqual([
      '$12.40',
      '$0.00',
      '$1,234.50',
      '$0.01',
      '$0.0042',
      '$0.00014',
      '$0.0000012',
      '< $0.000001',
      '−$3.00',
    ])
    expect(formatUsd(null)).toBe('–')
  })
})

describe('times', () => {
  it('gives two units at most', () => {
    expect([340, 4200, 200_000, 7_500_000, 273_600_000, 60_000].map(formatDuration)).toEqual([
      '340 ms',
      '4.2 s',
      '3 min 20 s',
      '2 h 5 min',
      '3 d 4 h',
      '1 min',
    ])
  })

  it('never rolls a unit over its end', () => {
    for (let ms = 0; ms < 200_000_000; ms += 7919)
      expect(formatDuration(ms)).not.toMatch(/\b(60 s|60 min|24 h|1000 ms|60\.0 s)\b/)
  })

  it('says how long ago and how soon', () => {
    const now = 1_000_000_000
    expect(
      [now - 1000, now - 200_000, now + 240_000, now - 7_200_000, now - 90_000_000].map((at) =>
        formatRelative(at, now),
      ),
    ).toEqual(['just now', '3 min ago', 'in 4 min', '2 h ago', '1 d ago'])
  })

  it('does not promise an attempt that is already due', () => {
    expect(nextAttempt(24_000, 0)).toBe('Next attempt in 24 s.')
    expect(nextAttempt(0, 24_000)).toBe('It is being tried again.')
    expect(nextAttempt(null, 0)).toBe('')
  })
})
