import { expect, it } from 'vitest'
import { aBenchmark } from '../../lib/testMirror.ts'
import { endedRuns } from './endedRuns.ts'

const runs = (...all: ReturnType<typeof aBenchmark>[]) => new Map(all.map((run) => [run.benchmark, run]))

it('changes when a run of the model ends or goes, and not while one is under way', () => {
  const one = aBenchmark('1', { model: 'a/x', endedAt: 10 })
  const before = endedRuns(runs(one), 'a/x')
  expect(endedRuns(runs(one, aBenchmark('2', { model: 'a/x', endedAt: null, state: 'running' })), 'a/x')).toBe(before)
  expect(endedRuns(runs(one, aBenchmark('2', { model: 'a/y', endedAt: 20 })), 'a/x')).toBe(before)
  expect(endedRuns(runs(one, aBenchmark('2', { model: 'a/y', endedAt: 20 })), null)).not.toBe(before)
  expect(endedRuns(runs(), 'a/x')).not.toBe(before)
})
