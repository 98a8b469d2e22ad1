import { useCallback, useEffect, useRef, useState } from 'react'
import type { Job } from '../../../shared/contract/jobs.ts'
import { isActive } from '../../lib/jobs.ts'
import { useMirror } from '../../lib/store.ts'
import { showJobHere } from '../../lib/view.ts'

/**
 * The job that a dialog began. idle → running → done | failed | cancelled; the last two → running, with what was corrected.
 * `isLocked`: what was asked for must not be changed now, or is done. While the dialog is open it tells of the failure itself.
 */
export const useDialogJob = () => {
  const [id, setId] = useState<Job['job'] | null>(null)
  const job = useMirror(({ jobs }) => (id === null ? null : (jobs.get(id) ?? null)))
  const isLocked = id !== null && (job === null || isActive(job) || job.state === 'done')
  const isOpen = useRef(true)
  useEffect(() => {
    isOpen.current = true
    return () => {
      isOpen.current = false
      showJobHere(null)
    }
  }, [])
  /** Rejects with what `start` rejects with; null: it was told elsewhere why there is no job. */
  const begin = useCallback(async (start: () => Promise<Pick<Job, 'job'> | null>): Promise<void> => {
    showJobHere('asked for')
    let started: Pick<Job, 'job'> | null = null
    try {
      started = await start()
    } finally {
      if (isOpen.current) showJobHere(started?.job ?? null)
    }
    setId(started?.job ?? null)
  }, [])
  return { id, job, isLocked, begin }
}
export type DialogJob = ReturnType<typeof useDialogJob>
