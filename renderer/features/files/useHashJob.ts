import type { Job } from '../../../shared/contract/jobs.ts'
import { useJobs } from '../../lib/store.ts'

/** The newest job that read the whole of this file, running or ended. */
export const useHashJob = (path: string): Job | null =>
  useJobs().find(({ kind, subject }) => kind === 'hash' && subject === path) ?? null
