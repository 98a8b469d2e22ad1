import { expect, it } from 'vitest'
import type { BenchmarkPlan } from '../../../shared/contract/benchmarks.ts'
import { sumOf } from './severalPlans.ts'

const plan = (over: Partial<BenchmarkPlan>): { readonly plan: BenchmarkPlan } => ({
  plan: {
    kind: 'embedding',
    preset: 'quick',
    settings: {
      kind: 'embedding',
      batchSizes: [1],
      textTokens: 1,
      repetition: { least: 1, most: 1, relativeError: 1 },
    },
    tests: 1,
    estimatedSeconds: 10,
    budgetSeconds: null,
    estimatedUsd: null,
    needsConsent: false,
    notes: [],
    ...over,
  },
})

it('adds times, and a budget bounds its own run', () => {
  expect(sumOf([plan({}), plan({ estimatedSeconds: 90, budgetSeconds: 30 }), { plan: null }])).toMatchObject({
    estimatedSeconds: 40,
    estimatedUsd: null,
    needsConsent: false,
  })
  expect(sumOf([plan({}), plan({ estimatedSeconds: null, budgetSeconds: 30 })]).estimatedSeconds).toBe(40)
  expect(sumOf([plan({}), plan({ estimatedSeconds: null })]).estimatedSeconds).toBeNull()
})

it('adds prices of those that cost, and does not know the sum when one does not tell', () => {
  const paid = plan({ estimatedUsd: 0.1, needsConsent: true })
  expect(sumOf([plan({}), paid, paid])).toMatchObject({ estimatedUsd: 0.2, needsConsent: true })
  expect(sumOf([paid, plan({ needsConsent: true })])).toMatchObject({ estimatedUsd: null, needsConsent: true })
})
