import { expect, it } from 'vitest'
import { jobTitle, newlyFailed } from './jobs.ts'
import { aJob } from './testMirror.ts'

const map = (...jobs: ReturnType<typeof aJob>[]) => new Map(jobs.map((job) => [job.job, job]))

it('tells only of jobs that one saw running', () => {
  const before = map(aJob('1'), aJob('2', { state: 'failed' }))
  const after = map(aJob('1', { state: 'failed' }), aJob('2', { state: 'failed' }), aJob('3', { state: 'failed' }))
  expect(newlyFailed(before, after).map(({ job }) => job)).toEqual(['1'])
  expect(newlyFailed(after, after)).toEqual([])
})

it('says what a job does', () => {
  expect(jobTitle({ kind: 'load', subject: 'ollama/qwen3:8b' })).toBe('Load ollama/qwen3:8b')
  expect(jobTitle({ kind: 'sample', subject: '/data/x.gguf' })).toBe('Create a sample model')
})
