import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import { routes } from '../../lib/routes.ts'
import { useModel } from '../../lib/store.ts'
import type { DialogJob } from './useDialogJob.ts'

type JobDialogEndProps = {
  readonly job: DialogJob
  readonly onClose: () => void
  /** begins it; stands there until it runs, and again when it failed or was cancelled */
  readonly begin: ReactNode
}

/** The buttons of a dialog whose work goes on as a job when it is closed. */
export function JobDialogEnd({ job: { id, job, isLocked }, onClose, begin }: JobDialogEndProps) {
  const [, navigate] = useHashLocation()
  const made = useModel(job?.state === 'done' ? job.subject : null)
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        {id === null ? 'Cancel' : 'Close'}
      </Button>
      {!isLocked && begin}
      {made !== null && (
        <Button
          onClick={() => {
            onClose()
            navigate(routes.model(made.model))
          }}
        >
          Show it
        </Button>
      )}
    </Group>
  )
}
