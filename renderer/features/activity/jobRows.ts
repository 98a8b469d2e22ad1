import type { Job, JobState } from '../../../shared/contract/jobs.ts'
import type { Tone } from '../../components/StateBadge.tsx'
import { formatDuration, formatPercent } from '../../lib/format.ts'
import { transferWords } from '../../lib/transfer.ts'

const tones: Record<JobState, Tone> = {
  queued: 'unloaded',
  running: 'loading',
  done: 'loaded',
  failed: 'failed',
  cancelled: 'unloaded',
}
export const jobTone = ({ state }: Job): Tone => tones[state]

/** `running 62 %`, or the bare state. */
export const jobWord = ({ state, progress }: Job): string =>
  state === 'running' && progress?.fraction != null ? `running ${formatPercent(progress.fraction)}` : state

export const jobDurationMs = ({ startedAt, endedAt }: Job, now: number): number | null =>
  startedAt === null ? null : Math.max(0, (endedAt ?? now) - startedAt)

/** Below this share, or in the first seconds, an estimate says nothing. */
const earliestFraction = 0.05
const earliestMs = 3000

/** ≈ how long it still takes; null while nobody can say. */
export const jobLeftMs = (job: Job, now: number): number | null => {
  const fraction = job.progress?.fraction ?? null
  const elapsed = jobDurationMs(job, now)
  if (job.state !== 'running' || fraction === null || elapsed === null) return null
  if (fraction < earliestFraction || elapsed < earliestMs) return null
  return (elapsed / fraction) * (1 - fraction)
}

/** What there is to say about a job now: its progress, its result or what went wrong. */
export const jobNote = (job: Job, now: number): string => {
  if (job.error !== null) return job.error.message
  if (job.result !== null) return job.result
  const transfer = job.progress?.transfer ?? null
  if (transfer !== null && job.endedAt !== null) return transferWords({ ...transfer, bytesPerSecond: null })
  if (transfer !== null) return [job.progress?.text, transferWords(transfer)].filter(Boolean).join(', ')
  const left = jobLeftMs(job, now)
  return [job.progress?.text, left === null ? null : `≈ ${formatDuration(left)} left`].filter(Boolean).join(', ')
}
