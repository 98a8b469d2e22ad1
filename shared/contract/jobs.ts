import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { procedure, wholeNumber } from './base.ts'

export const JobId = z.string().min(1).max(100).brand<'JobId'>()
export type JobId = z.infer<typeof JobId>

export const JobKind = z.enum([
  'load',
  'scan',
  'sample',
  'validate',
  'hash',
  'write',
  'pull',
  'push',
  'create',
  'benchmark',
])
export type JobKind = z.infer<typeof JobKind>

/** queued → running → done | failed | cancelled */
export const JobState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled'])
export type JobState = z.infer<typeof JobState>

/** Bytes on their way. */
const Transfer = z.object({
  doneBytes: z.number(),
  /** null while the whole is not known */
  totalBytes: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  /** layers or files, in the order they came */
  parts: z.array(z.object({ name: z.string(), doneBytes: z.number(), totalBytes: z.number().nullable() })).max(1000),
})
export type Transfer = z.infer<typeof Transfer>

/** A long operation. Times are Unix milliseconds. */
export const Job = z.object({
  job: JobId,
  kind: JobKind,
  /** what it is done to: a model, a folder */
  subject: z.string(),
  state: JobState,
  progress: z
    .object({
      /** 0–1; null when the whole is not known */
      fraction: z.number().min(0).max(1).nullable(),
      /** e.g. `1,204 files`, for people */
      text: z.string().nullable(),
      /** null where nothing is carried from one place to another */
      transfer: Transfer.nullable(),
    })
    .nullable(),
  /** one sentence for people, when done */
  result: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string(), advice: z.string() }).nullable(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  cancellable: z.boolean(),
})
export type Job = z.infer<typeof Job>

export const jobs = {
  list: procedure({ method: 'GET', path: '/jobs', summary: 'Jobs, newest first', access: 'user' })
    .input(z.strictObject({ limit: wholeNumber(1, 1000).optional() }))
    .output(z.object({ jobs: z.array(Job) })),
  watch: procedure(
    { method: 'GET', path: '/jobs/watch', summary: 'One job as server-sent events until it ends', access: 'user' },
    ['JOB_NOT_FOUND'],
  )
    .input(z.strictObject({ job: JobId }))
    .output(eventIterator(Job)),
  cancel: procedure({ method: 'POST', path: '/jobs/cancel', summary: 'Cancel a job', access: 'user' }, [
    'JOB_NOT_FOUND',
    'JOB_FINISHED',
  ])
    .input(z.strictObject({ job: JobId }))
    .output(Job),
}
