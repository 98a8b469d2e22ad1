import { Button, Group } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import type { Model } from '../../../shared/contract/models.ts'
import { unloadModel } from '../../lib/actions.ts'
import { canBenchmark, mostAtOnce, openBenchmarks } from '../../lib/benchmarkDialogs.ts'
import { formatDisk } from '../../lib/format.ts'
import { startLoad } from './loadRefusals.ts'
import classes from './models.module.css'
import { modelVerbs } from './modelVerbs.ts'

/** `3 selected, 14.2 GB`; what has no known size is counted apart, never as zero. */
const selectionText = (models: readonly Model[]): string => {
  const sizes = models.flatMap(({ sizeBytes }) => (sizeBytes === null ? [] : [sizeBytes]))
  const unsized = models.length - sizes.length
  const total = sizes.length === 0 ? [] : [formatDisk(sizes.reduce((sum, size) => sum + size, 0))]
  return [`${models.length} selected`, ...total, ...(unsized > 0 ? [`${unsized} of unknown size`] : [])].join(', ')
}

type SelectionBarProps = { readonly models: readonly Model[]; readonly onClear: () => void }

export function SelectionBar({ models, onClear }: SelectionBarProps) {
  const clipboard = useClipboard({ timeout: 1500 })
  const loadable = models.filter((model) => modelVerbs(model).load)
  const unloadable = models.filter((model) => modelVerbs(model).unload || modelVerbs(model).cancel)
  const measurable = models.filter(canBenchmark)
  return (
    <Group className={classes.selectionBar} gap={8} role="toolbar" aria-label="What to do with the selected models">
      <span className={classes.selectionText}>{selectionText(models)}</span>
      <Button disabled={loadable.length === 0} onClick={() => loadable.forEach((model) => void startLoad(model))}>
        {loadable.length === models.length ? 'Load' : `Load ${loadable.length} of ${models.length}`}
      </Button>
      <Button
        variant="default"
        disabled={unloadable.length === 0}
        onClick={() => unloadable.forEach(({ model }) => void unloadModel(model))}
      >
        {unloadable.length === models.length ? 'Unload' : `Unload ${unloadable.length} of ${models.length}`}
      </Button>
      <Button
        variant="default"
        disabled={measurable.length === 0 || measurable.length > mostAtOnce}
        title={measurable.length > mostAtOnce ? `Select at most ${mostAtOnce} models.` : undefined}
        onClick={() => openBenchmarks(measurable)}
      >
        {measurable.length === models.length || measurable.length === 0
          ? 'Benchmark…'
          : `Benchmark ${measurable.length} of ${models.length}…`}
      </Button>
      <Button variant="default" onClick={() => clipboard.copy(models.map(({ model }) => model).join('\n'))}>
        {clipboard.copied ? 'Copied' : 'Copy names'}
      </Button>
      <Button variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
    </Group>
  )
}
