import type { JobService } from '../jobs/jobService.ts'
import { os } from './base.ts'

export const jobsRouter = (jobs: JobService) =>
  os.jobs.router({
    list: os.jobs.list.handler(({ input }) => ({ jobs: jobs.list(input.limit ?? 200) })),
    watch: os.jobs.watch.handler(({ input, signal }) => jobs.watch(input.job, signal)),
    cancel: os.jobs.cancel.handler(({ input }) => jobs.cancel(input.job)),
  })
