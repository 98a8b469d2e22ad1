import type { Job, JobKind } from '../../shared/contract/jobs.ts'

const verbs: Record<JobKind, string> = { load: 'Load', scan: 'Scan', sample: 'Create a sample model' }

/** What a job does, as a person would say it: `Load ollama/qwen3:8b`. */
export const jobTitle = ({ kind, subject }: Pick<Job, 'kind' | 'subject'>): string =>
  kind === 'sample' ? verbs.sample : `${verbs[kind]} ${subject}`

export const isActive = ({ state }: Job): boolean => state === 'queued' || state === 'running'

/** Jobs that ran when one looked before and have failed since. */
export const newlyFailed = (before: ReadonlyMap<string, Job>, after: ReadonlyMap<string, Job>): readonly Job[] => {
  if (before === after) return []
  return [...after.values()].filter((job) => {
    if (job.state !== 'failed') return false
    const known = before.get(job.job)
    return known !== undefined && isActive(known)
  })
}
