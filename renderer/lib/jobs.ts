import type { Job, JobKind } from '../../shared/contract/jobs.ts'
import type { Instance } from '../../shared/contract/models.ts'
import type { Failure } from './failure.ts'

const verbs: Record<JobKind, string> = {
  load: 'Load',
  scan: 'Scan',
  sample: 'Create a sample model',
  validate: 'Validate',
  hash: 'Hash',
  pull: 'Pull',
  push: 'Push',
  create: 'Create',
  write: 'Write a copy of',
  benchmark: 'Benchmark',
}

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

const endedAdvice = 'Nothing of it is in memory now. Load it again.'

/** What made a model fail: the whole error of its load where a job has it, else what is known of its end. */
export const failureOfState = (
  { model, state, reason }: Pick<Instance, 'model' | 'state' | 'reason'>,
  jobs: readonly Job[],
): { readonly title: string; readonly failure: Failure } | null => {
  if (state !== 'failed' || reason === null) return null
  const load = jobs.find((job) => job.kind === 'load' && job.subject === model && job.state === 'failed')
  return load?.error?.message === reason
    ? { title: 'The load failed', failure: { ...load.error, requestId: null } }
    : {
        title: 'It ended',
        failure: { code: 'ENGINE_CRASHED', message: reason, advice: endedAdvice, requestId: null },
      }
}
