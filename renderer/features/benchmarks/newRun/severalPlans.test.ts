import { expect, it } from 'vitest'
import type { BenchmarkPlan } from '../../../../shared/contract/benchmarks.ts'
import { ModelId } from '../../../../shared/contract/modelId.ts'
import { sharesOf, sumOf } from './severalPlans.ts'

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

it('divides what may be spent so that each run has its estimate, also beside one whose price is not told', () => {
  const of = (name: string, estimatedUsd: number | null, needsConsent = true) => ({
    model: ModelId.parse(`remote/${name}`),
    ...plan({ estimatedUsd, needsConsent }),
  })
  const shares = (usd: number, ...each: ReturnType<typeof of>[]) => [...sharesOf(each, usd).values()]
  expect(shares(5, of('a', 1), of('b', 3), of('free', null, false))).toEqual([1.5, 3.5])
  expect(shares(3, of('a', 1), of('b', null))).toEqual([2, 1])
  expect(shares(2, of('a', null), of('b', null))).toEqual([1, 1])
  expect(shares(1, of('a', 1), of('b', 3))).toEqual([0.25, 0.75])
})
