import { Menu } from '@mantine/core'
import { Boxes, CircleStop, Copy, FileDown, GitCompareArrows, History, RotateCcw, Trash2 } from 'lucide-react'
import { navigate } from 'wouter/use-hash-location'
import type { Benchmark } from '../../../shared/contract/benchmarks.ts'
import { type Point, PointMenu } from '../../components/PointMenu.tsx'
import { exportBenchmarks } from '../../lib/benchmarkActions.ts'
import { openBenchmarkDialog } from '../../lib/benchmarkDialogs.ts'
import { isUnderWay } from '../../lib/benchmarks.ts'
import { routes } from '../../lib/routes.ts'
import { useModel } from '../../lib/store.ts'
import { exportFormats } from './exchange/exportFormats.ts'
import { runAgain, useCancelRun } from './runActions.ts'

type RunMenuProps = { readonly run: Benchmark; readonly at: Point; readonly onClose: () => void }

const icon = { size: 14, 'aria-hidden': true } as const

/** Everything that can be done with one run. What cannot be done now stands there greyed, so that places stay. */
export function RunMenu({ run, at, onClose }: RunMenuProps) {
  const model = useModel(run.model)
  const cancel = useCancelRun(run)
  const { benchmark } = run
  return (
    <PointMenu label={`Actions of the run of ${run.model}`} at={at} onClose={onClose}>
      {isUnderWay(run) ? (
        <Menu.Item
          data-autofocus
          leftSection={<CircleStop {...icon} />}
          disabled={cancel === null}
          onClick={() => cancel?.()}
        >
          Cancel
        </Menu.Item>
      ) : (
        <Menu.Item data-autofocus leftSection={<RotateCcw {...icon} />} onClick={() => runAgain(run)}>
          Run again…
        </Menu.Item>
      )}
      <Menu.Item
        leftSection={<GitCompareArrows {...icon} />}
        disabled={run.headline.results === 0}
        onClick={() => openBenchmarkDialog({ dialog: 'compare', run: benchmark })}
      >
        Compare with…
      </Menu.Item>
      <Menu.Item leftSection={<History {...icon} />} onClick={() => navigate(routes.history(run.model))}>
        History of this model
      </Menu.Item>
      {model !== null && (
        <Menu.Item leftSection={<Boxes {...icon} />} onClick={() => navigate(routes.model(model.model))}>
          Show the model
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Label>Export</Menu.Label>
      {exportFormats.map(({ format, label }) => (
        <Menu.Item
          key={format}
          leftSection={<FileDown {...icon} />}
          onClick={() => void exportBenchmarks([benchmark], format)}
        >
          {label}
        </Menu.Item>
      ))}
      <Menu.Item leftSection={<Copy {...icon} />} onClick={() => void navigator.clipboard.writeText(benchmark)}>
        Copy id
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item
        color="red"
        leftSection={<Trash2 {...icon} />}
        disabled={isUnderWay(run)}
        onClick={() => openBenchmarkDialog({ dialog: 'remove', runs: [benchmark] })}
      >
        Remove…
      </Menu.Item>
    </PointMenu>
  )
}
