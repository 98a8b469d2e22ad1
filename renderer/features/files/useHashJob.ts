import type { Job } from '../../../shared/contract/jobs.ts'
import { useJobs } from '../../lib/store.ts'
import { baseName } from './paths.ts'

/** The newest job that read the whole of this file, running or ended. It names the file without its folder. */
export const useHashJob = (path: string): Job | null =>
  useJobs().find(({ kind, subject }) => kind === 'hash' && (subject === path || subject === baseName(path))) ?? null
