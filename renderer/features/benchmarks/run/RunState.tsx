import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { Badge } from '../../../components/StateBadge.tsx'
import { formatPercent } from '../../../lib/format.ts'
import { useMirror } from '../../../lib/store.ts'
import { stateTone } from '../list/benchmarkList.ts'

/** The state of a run as word and colour together, with how far it is. */
export function RunState({ run }: { readonly run: Benchmark }) {
  const fraction = useMirror(({ jobs }) => (run.job === null ? null : (jobs.get(run.job)?.progress?.fraction ?? null)))
  const word = run.state === 'running' && fraction !== null ? `running ${formatPercent(fraction)}` : run.state
  return <Badge tone={stateTone(run)} word={word} tip={run.error?.message ?? null} />
}
