import { expect, it } from 'vitest'
import { aJob } from '../../lib/testMirror.ts'
import { jobDurationMs, jobLeftMs, jobNote, jobWord } from './jobRows.ts'

const running = (fraction: number | null) => aJob('1', { progress: { fraction, text: '1,204 files', transfer: null } })

it('shows progress in the state only when the whole is known', () => {
  expect(jobWord(running(0.62))).toBe('running 62 %')
  expect(jobWord(running(null))).toBe('running')
})

it('estimates what is left once there is enough to go by', () => {
  expect(jobLeftMs(running(0.5), 11_000)).toBe(10_000)
  expect(jobLeftMs(running(0.01), 11_000)).toBeNull()
  expect(jobLeftMs(running(0.5), 1500)).toBeNull()
  expect(jobNote(running(0.5), 11_000)).toBe('1,204 files, ≈ 10.0 s left')
})

it('says how it ended', () => {
  expect(jobNote(aJob('1', { state: 'done', result: 'Found 12 models.' }), 0)).toBe('Found 12 models.')
  const error = { code: 'DISK_FULL', message: 'The disk is full.', advice: 'Free some space.' }
  expect(jobNote(aJob('1', { state: 'failed', error }), 0)).toBe('The disk is full.')
  expect(jobDurationMs(aJob('1', { startedAt: null }), 5000)).toBeNull()
})

it('says of a transfer that was cancelled only how far it came', () => {
  const transfer = { doneBytes: 6e8, totalBytes: 2.4e9, bytesPerSecond: 3e8, parts: [] }
  const progress = { fraction: 0.25, text: 'Downloading', transfer }
  expect(jobNote(aJob('1', { progress, endedAt: null }), 0)).toBe(
    'Downloading, 600 MB of 2.4 GB, 300 MB/s, ≈ 6.0 s left',
  )
  expect(jobNote(aJob('1', { progress, state: 'cancelled', endedAt: 5 }), 9)).toBe('600 MB of 2.4 GB')
})
