import { ActionIcon } from '@mantine/core'
import { Ellipsis } from 'lucide-react'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import type { Point } from '../../../components/PointMenu.tsx'

type RunRowActionsProps = { readonly run: Benchmark; readonly onMore: (at: Point) => void }

/** Only the menu: a button with a word would take the place of a figure, and the run itself is one click away. */
export function RunRowActions({ run, onMore }: RunRowActionsProps) {
  return (
    <ActionIcon
      size={24}
      aria-label={`Actions of the run of ${run.model}`}
      title="What can be done with this run"
      onClick={(event) => {
        const corner = event.currentTarget.getBoundingClientRect()
        onMore({ x: corner.left, y: corner.bottom })
      }}
    >
      <Ellipsis size={16} />
    </ActionIcon>
  )
}
