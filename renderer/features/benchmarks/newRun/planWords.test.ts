import { expect, it } from 'vitest'
import { aboutSeconds, priceWords, proposedUsd, timeWords, usdOf } from './planWords.ts'

it('says how long it takes no finer than one plans by', () => {
  expect([0.2, 7.4, 41, 89, 100, 754, 4900].map(aboutSeconds)).toEqual([
    'about 1 s',
    'about 7 s',
    'about 40 s',
    'about 1 min 30 s',
    'about 2 min',
    'about 13 min',
    'about 1 h 20 min',
  ])
})

it('says that it is not known, or what it takes at most', () => {
  expect(timeWords({ estimatedSeconds: null, budgetSeconds: null })).toBe('not known yet')
  expect(timeWords({ estimatedSeconds: null, budgetSeconds: 30 })).toBe('at most 30 s')
  expect(timeWords({ estimatedSeconds: 20, budgetSeconds: 30 })).toBe('about 20 s')
  expect(timeWords({ estimatedSeconds: 90, budgetSeconds: 30 })).toBe('at most 30 s')
})

it('says what it costs only where somebody pays', () => {
  expect(priceWords({ estimatedUsd: null, needsConsent: false })).toBeNull()
  expect(priceWords({ estimatedUsd: 0.1, needsConsent: true })).toBe('≈ $0.10')
  expect(priceWords({ estimatedUsd: null, needsConsent: true })).toBe('costs money')
})

it('proposes somewhat more than the estimate in whole cents', () => {
  expect([null, 0.0001, 0.1, 1.003].map(proposedUsd)).toEqual([null, 0.01, 0.13, 1.26])
})

it('takes as agreed only a sum that stands in the field and can be spent', () => {
  expect(usdOf(null, 0.13)).toBe(0.13)
  expect(usdOf(2, 0.13)).toBe(2)
  for (const typed of ['', '-', 0, -3, 0.001, 1_000_000]) expect(usdOf(typed, 0.13), String(typed)).toBeNull()
})
