import type { Benchmark } from '../../../shared/contract/benchmarks.ts'
import type { ModelId } from '../../../shared/contract/modelId.ts'
import { cancelJob } from '../../lib/actions.ts'
import { openNewBenchmark } from '../../lib/benchmarkDialogs.ts'
import { isActive } from '../../lib/jobs.ts'
import { useMirror } from '../../lib/store.ts'

/** The dialog with what this run was asked for. */
export const runAgain = (run: Benchmark): void =>
  openNewBenchmark(run.model as ModelId, { options: run.options, like: run }) // the contract checks the name again

/** Ends the run, and what it has measured stays; null where there is nothing to end. */
export const useCancelRun = ({ job: id }: Benchmark): (() => void) | null => {
  const job = useMirror(({ jobs }) => (id === null ? null : (jobs.get(id) ?? null)))
  return job !== null && isActive(job) && job.cancellable ? () => void cancelJob(job) : null
}
