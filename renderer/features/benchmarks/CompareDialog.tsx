import { Button, Group, Modal, MultiSelect, Stack } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import { mostCompared } from '../../lib/benchmarkActions.ts'
import { routes } from '../../lib/routes.ts'
import { useBenchmarks, useMirror } from '../../lib/store.ts'
import { comparable, runTitle } from './comparable.ts'

type CompareDialogProps = { readonly run: BenchmarkId; readonly onClose: () => void }

const mostShown = 100

/** Which runs one run is compared with; it is the one the others stand beside. */
export function CompareDialog({ run: id, onClose }: CompareDialogProps) {
  const [, navigate] = useHashLocation()
  const runs = useBenchmarks()
  const models = useMirror((mirror) => mirror.models)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const choices = useMemo(() => comparable(runs, id), [runs, id])
  const now = Date.now()
  return (
    <Modal opened onClose={onClose} title="Compare with" size={640} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap={12}>
        <MultiSelect
          data-autofocus
          label="Runs"
          description="Of the same kind first, the same model before others, the newest before older ones."
          placeholder={choices.length === 0 ? 'There is no other run yet' : 'Choose runs'}
          searchable
          limit={mostShown}
          maxValues={mostCompared - 1}
          nothingFoundMessage="No run is called that"
          data={choices.map((each) => ({ value: each.benchmark, label: runTitle(each, models, now) }))}
          value={[...chosen]}
          onChange={setChosen}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            disabled={chosen.length === 0}
            onClick={() => {
              onClose()
              navigate(routes.compare([id, ...chosen]))
            }}
          >
            Compare
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
