import { Modal, Tabs } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { ErrorView } from '../../components/ErrorView.tsx'
import classes from './files.module.css'
import { shownName } from './paths.ts'
import { TensorTable } from './TensorTable.tsx'
import { useTensors } from './useTensors.ts'

// the chart library comes only when somebody looks at the map
const TensorMap = lazy(() => import('./TensorMap.tsx').then((m) => ({ default: m.TensorMap })))

export type TensorTab = 'table' | 'map'

type TensorDialogProps = {
  readonly path: string
  readonly tab: TensorTab
  readonly onTab: (tab: TensorTab) => void
  readonly onClose: () => void
}

/** Every tensor of a model, as a table and as a map of where the bytes lie. */
export function TensorDialog({ path, tab, onTab, onClose }: TensorDialogProps) {
  const [search, setSearch] = useState('')
  const answer = useTensors(path, search)
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1400px, 94vw)"
      title={`Tensors of ${shownName(path)}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ body: classes.largeBody ?? '', title: classes.largeTitle ?? '' }}
    >
      <Tabs value={tab} onChange={(value) => onTab(value === 'map' ? 'map' : 'table')}>
        <Tabs.List>
          <Tabs.Tab value="table">Table</Tabs.Tab>
          <Tabs.Tab value="map">Map by layer</Tabs.Tab>
        </Tabs.List>
      </Tabs>
      {answer.state === 'failed' ? (
        <ErrorView title="The tensors could not be read" failure={answer.failure} />
      ) : answer.state === 'loading' ? (
        <p className={classes.dim} role="status">
          Reading the tensor table…
        </p>
      ) : tab === 'table' ? (
        <TensorTable tensors={answer.tensors} total={answer.total} search={search} onSearch={setSearch} />
      ) : (
        <Suspense fallback={null}>
          <TensorMap tensors={answer.tensors} total={answer.total} />
        </Suspense>
      )}
    </Modal>
  )
}
