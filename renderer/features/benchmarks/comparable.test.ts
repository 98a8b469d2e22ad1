import { expect, it } from 'vitest'
import { aBenchmark, noHeadline } from '../../lib/testMirror.ts'
import { comparable, runTitle } from './comparable.ts'

const headline = { ...noHeadline, results: 1 }

it('offers the nearest runs first, and none without results', () => {
  const runs = [
    aBenchmark('this', { headline }),
    aBenchmark('other kind', { headline, kind: 'serving', createdAt: 9 }),
    aBenchmark('other model', { headline, model: 'ollama/phi', createdAt: 8 }),
    aBenchmark('older', { headline, createdAt: 1 }),
    aBenchmark('newer', { headline, createdAt: 2 }),
    aBenchmark('empty'),
  ]
  expect(comparable(runs, 'this').map(({ benchmark }) => benchmark)).toEqual([
    'newer',
    'older',
    'other model',
    'other kind',
  ])
})

it('tells runs of one model apart', () => {
  const title = runTitle(aBenchmark('1', { label: 'new driver' }), new Map(), 1000)
  expect(title).toMatch(/^embedded\/phi · Engine, Quick · .+ · new driver$/)
})
