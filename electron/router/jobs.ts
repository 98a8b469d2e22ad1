import type { JobService } from '../jobs/jobService.ts'
import { os } from './base.ts'

export const jobsRouter = (jobs: JobService) =>
  os.jobs.router({
    list: os.jobs.list.handler(({ input }) => ({ jobs: jobs.list(input.limit ?? 200) })),
    cancel: os.jobs.cancel.handler(({ input }) => jobs.cancel(input.job)),
  })
