import { Button } from '@mantine/core'
import { useHashLocation } from 'wouter/use-hash-location'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { openBenchmarkDialog } from '../../../lib/benchmarkDialogs.ts'
import { isUnderWay } from '../../../lib/benchmarks.ts'
import { routes } from '../../../lib/routes.ts'
import { ExportMenu } from '../exchange/ExportMenu.tsx'
import { runAgain, useCancelRun } from '../runActions.ts'

/** What can be done with the run that is opened. */
export function RunButtons({ run }: { readonly run: Benchmark }) {
  const [, navigate] = useHashLocation()
  const cancel = useCancelRun(run)
  const isActive = isUnderWay(run)
  return (
    <>
      {isActive ? (
        <Button variant="default" disabled={cancel === null} onClick={() => cancel?.()}>
          Cancel
        </Button>
      ) : (
        <Button onClick={() => runAgain(run)}>Run again…</Button>
      )}
      {run.headline.results > 0 && (
        <Button variant="default" onClick={() => openBenchmarkDialog({ dialog: 'compare', run: run.benchmark })}>
          Compare with…
        </Button>
      )}
      <Button variant="default" onClick={() => navigate(routes.history(run.model))}>
        History
      </Button>
      <ExportMenu runs={[run.benchmark]} />
      {!isActive && (
        <Button variant="default" onClick={() => openBenchmarkDialog({ dialog: 'remove', runs: [run.benchmark] })}>
          Remove…
        </Button>
      )}
    </>
  )
}
