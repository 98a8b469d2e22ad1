import { Button, Menu } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import { exportBenchmarks, mostExported } from '../../../lib/benchmarkActions.ts'
import { exportFormats } from './exportFormats.ts'

/** One document of these runs. */
export function ExportMenu({ runs }: { readonly runs: readonly BenchmarkId[] }) {
  const isTooMany = runs.length > mostExported
  return (
    <Menu position="bottom-start" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          variant="default"
          rightSection={<ChevronDown size={14} />}
          disabled={isTooMany}
          title={isTooMany ? `Select at most ${mostExported} runs.` : undefined}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label="Export">
        {exportFormats.map(({ format, label }, index) => (
          <Menu.Item
            key={format}
            data-autofocus={index === 0 || undefined}
            onClick={() => void exportBenchmarks(runs, format)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
