import { ActionIcon, Button } from '@mantine/core'
import { Ellipsis } from 'lucide-react'
import type { Benchmark } from '../../../shared/contract/benchmarks.ts'
import type { Point } from '../../components/PointMenu.tsx'
import { isUnderWay } from '../../lib/benchmarks.ts'
import classes from './benchmarks.module.css'
import { runAgain, useCancelRun } from './runActions.ts'

type RunRowActionsProps = { readonly run: Benchmark; readonly onMore: (at: Point) => void }

/** Stand in their own column, so that they cover no figure. */
export function RunRowActions({ run, onMore }: RunRowActionsProps) {
  return (
    <span className={classes.rowActions}>
      <RunAction run={run} />
      <ActionIcon
        size={24}
        aria-label={`More actions for the run of ${run.model}`}
        onClick={(event) => {
          const corner = event.currentTarget.getBoundingClientRect()
          onMore({ x: corner.left, y: corner.bottom })
        }}
      >
        <Ellipsis size={16} />
      </ActionIcon>
    </span>
  )
}

function RunAction({ run }: { readonly run: Benchmark }) {
  const cancel = useCancelRun(run)
  if (isUnderWay(run))
    return (
      <Button size="compact-xs" variant="default" disabled={cancel === null} onClick={() => cancel?.()}>
        Cancel
      </Button>
    )
  return (
    <Button size="compact-xs" variant="default" onClick={() => runAgain(run)}>
      Again…
    </Button>
  )
}
