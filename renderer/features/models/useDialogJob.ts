import { useState } from 'react'
import type { Job } from '../../../shared/contract/jobs.ts'
import { isActive } from '../../lib/jobs.ts'
import { useMirror } from '../../lib/store.ts'

/**
 * The job that a dialog began. idle → running → done | failed | cancelled; the last two → running, with what was corrected.
 * `isLocked`: what was asked for must not be changed now, or is done.
 */
export const useDialogJob = () => {
  const [id, setId] = useState<Job['job'] | null>(null)
  const job = useMirror(({ jobs }) => (id === null ? null : (jobs.get(id) ?? null)))
  const isLocked = id !== null && (job === null || isActive(job) || job.state === 'done')
  return { id, job, isLocked, follow: setId }
}
export type DialogJob = ReturnType<typeof useDialogJob>
