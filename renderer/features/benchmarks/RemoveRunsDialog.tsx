import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { removeBenchmarks, runWord } from '../../lib/benchmarkActions.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { formatCount } from '../../lib/format.ts'
import { routes, useBenchmarkPlace } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'

type RemoveRunsDialogProps = { readonly runs: readonly BenchmarkId[]; readonly onClose: () => void }

/** Says what is lost before it is. */
export function RemoveRunsDialog({ runs, onClose }: RemoveRunsDialogProps) {
  const results = useMirror(({ benchmarks }) =>
    runs.reduce((sum, id) => sum + (benchmarks.get(id)?.headline.results ?? 0), 0),
  )
  const [failure, setFailure] = useState<Failure | null>(null)
  const [isRemoving, setRemoving] = useState(false)
  const place = useBenchmarkPlace()
  const [, navigate] = useHashLocation()
  const remove = async () => {
    setRemoving(true)
    setFailure(null)
    try {
      await removeBenchmarks(runs)
    } catch (error) {
      setFailure(failureOf(error))
      setRemoving(false)
      return
    }
    onClose()
    // its details have nothing left to show
    if (place.show === 'run' && runs.some((id) => id === place.id)) navigate(routes.benchmarks)
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={runs.length === 1 ? 'Remove this run' : `Remove ${runWord(runs.length)}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap={12}>
        <Text>
          {results === 1 ? 'One result' : `${formatCount(results)} results`} and the raw samples are lost for good; what
          is compared with {runs.length === 1 ? 'it' : 'them'} and the history of the model{' '}
          {runs.length === 1 ? 'lose it' : 'lose them'}. An export keeps what it has.
        </Text>
        {failure !== null && <ErrorView failure={failure} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep {runs.length === 1 ? 'it' : 'them'}
          </Button>
          <Button color="red" loading={isRemoving} onClick={() => void remove()}>
            {runs.length === 1 ? 'Remove' : `Remove ${runWord(runs.length)}`}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
