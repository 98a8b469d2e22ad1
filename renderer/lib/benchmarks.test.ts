import { expect, it } from 'vitest'
import { lastRunsOf, runOfJob, settingsWord } from './benchmarks.ts'
import { aBenchmark, aJob, noHeadline } from './testMirror.ts'

const measured = { headline: { ...noHeadline, results: 1 } }

it('knows the newest run of each kind that measured something to its end', () => {
  const runs = [
    aBenchmark('old', { ...measured, createdAt: 1 }),
    aBenchmark('new', { ...measured, createdAt: 2 }),
    aBenchmark('empty', { createdAt: 3 }),
    aBenchmark('cut off', { ...measured, state: 'cancelled', createdAt: 4 }),
    aBenchmark('served', { ...measured, kind: 'serving', createdAt: 1 }),
    aBenchmark('other', { ...measured, model: 'ollama/phi', createdAt: 9 }),
  ]
  expect(lastRunsOf(runs, 'embedded/phi').map(({ benchmark }) => benchmark)).toEqual(['new', 'served'])
})

it('says where the settings of a run came from', () => {
  const run = aBenchmark('1')
  expect(settingsWord(run)).toBe('Quick')
  expect(settingsWord({ ...run, preset: null })).toBe('Own settings')
  expect(settingsWord({ ...run, source: 'file' })).toBe('Quick, imported')
  expect(settingsWord({ ...run, preset: null, source: 'llama-bench' })).toBe('llama-bench')
})

it('finds the run of a job while it runs, and after its end by when that was', () => {
  const job = aJob('j', { kind: 'benchmark', subject: 'embedded/phi', createdAt: 50_000 })
  const mine = aBenchmark('mine', { job: job.job, state: 'running', createdAt: 1 })
  const other = aBenchmark('other', { createdAt: 1000, endedAt: 2000 })
  expect(runOfJob(job, [other, mine])?.benchmark).toBe('mine')
  const ended = { ...mine, job: null, state: 'done' as const, endedAt: 90_000 }
  expect(runOfJob({ ...job, state: 'done', endedAt: 90_010 }, [other, ended])?.benchmark).toBe('mine')
  expect(runOfJob(job, [other, { ...ended, createdAt: 49_999, endedAt: 1 }])?.benchmark).toBe('mine')
  expect(runOfJob(job, [other])).toBeNull()
  expect(runOfJob({ ...job, kind: 'load' }, [mine])).toBeNull()
})
