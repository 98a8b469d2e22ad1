import { describe, expect, it } from 'vitest'
import { changeSize, sinceText, verdictText, verdictTip } from './verdict.ts'

describe('a difference in words', () => {
  it('says what is faster, longer or less, by what was measured', () => {
    expect(verdictText('speed', { relative: 0.12, verdict: 'better' })).toBe('12 % faster')
    expect(verdictText('speed', { relative: -0.081, verdict: 'worse' })).toBe('8.1 % slower')
    expect(verdictText('ttft', { relative: -0.5, verdict: 'better' })).toBe('50 % sooner')
    expect(verdictText('memory', { relative: 2.29, verdict: 'worse' })).toBe('3.3 × as much')
    expect(verdictText('load', { relative: 0.4, verdict: 'worse' })).toBe('40 % longer')
  })
  it('never gives a figure to noise or to too few samples', () => {
    expect(verdictText('speed', { relative: 0.12, verdict: 'noise' })).toBe('within noise')
    expect(verdictText('speed', { relative: 0.12, verdict: 'unknown' })).toBe('too few samples to tell')
  })
  it('says how memory differs though it is read once', () => {
    expect(verdictText('memory', { relative: 0.76, verdict: 'unknown' })).toBe('76 % more, measured once')
    expect(verdictText('memory', { relative: 0.001, verdict: 'unknown' })).toBe('about the same')
    expect(verdictText('energy', { relative: null, verdict: 'unknown' })).toBe('measured once')
  })
  it('tells how sure it is to whoever asks', () => {
    expect(verdictTip('speed', { relative: 0.12, interval: { low: 0.1, high: 0.14 }, verdict: 'better' })).toBe(
      '+12 % beside the baseline, 95 % interval +10 % to +14 %.',
    )
    expect(verdictTip('speed', { relative: 0.01, interval: { low: -0.01, high: 0.03 }, verdict: 'noise' })).toContain(
      '−1 % to +3 %',
    )
    expect(verdictTip('speed', { relative: 0.12, interval: null, verdict: 'unknown' })).toContain('Too few samples')
    expect(verdictTip('speed', { relative: null, interval: null, verdict: 'unknown' })).toContain('zero')
    expect(verdictTip('memory', { relative: 0.5, interval: null, verdict: 'unknown' })).toContain('read once')
  })
})

it('keeps small differences exact and large ones readable', () => {
  expect([0.004, 0.0996, -0.34, 1.5, 2.1, 1058].map(changeSize)).toEqual([
    '0.4 %',
    '10 %',
    '34 %',
    '150 %',
    '3.1 ×',
    '1,059 ×',
  ])
})

it('says since which version something is worse', () => {
  const test = { type: 'generation', generatedTokens: 128, depth: 0 } as const
  const since = (version: string | null) => sinceText(test, { version, verdict: 'worse', relative: -0.08 })
  expect(since('b11669')).toBe('8 % slower since b11669')
  expect(since(null)).toBe('8 % slower')
})
