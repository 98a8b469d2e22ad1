import { expect, it } from 'vitest'
import { failureOfState, jobTitle, newlyFailed } from './jobs.ts'
import { aJob, aModel } from './testMirror.ts'

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

it('knows the whole error of a failed load from its job, and what else ended by its reason', () => {
  const error = { code: 'LOAD_FAILED', message: 'The file is cut off.', advice: 'Download it again.' }
  const jobs = [aJob('1', { state: 'failed', error })]
  const failed = (reason: string) => aModel('embedded/phi', { state: 'failed', reason })
  expect(failureOfState(failed('The file is cut off.'), jobs)).toMatchObject({
    title: 'The load failed',
    failure: error,
  })
  expect(failureOfState(failed('It was ended by SIGKILL.'), jobs)?.failure).toMatchObject({
    code: 'ENGINE_CRASHED',
    message: 'It was ended by SIGKILL.',
  })
  expect(failureOfState(aModel('embedded/phi'), jobs)).toBeNull()
})
