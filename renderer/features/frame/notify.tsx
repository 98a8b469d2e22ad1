import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { navigate } from 'wouter/use-hash-location'
import type { Job } from '../../../shared/contract/jobs.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { type Offer, tellBy } from '../../lib/actions.ts'
import type { Failure } from '../../lib/failure.ts'
import { jobTitle, newlyFailed } from '../../lib/jobs.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'
import { useView } from '../../lib/view.ts'

const doneMs = 5000
/** Long enough to read it and to reach the button. */
const offerMs = 10_000

/** The button of a notification; what it does ends the notification. */
const offerButton = ({ label, run }: Offer, hide: () => void) => (
  <Button
    size="compact-xs"
    variant="default"
    onClick={() => {
      hide()
      run()
    }}
  >
    {label}
  </Button>
)

const showDone = (text: string, offer?: Offer): void => {
  const id = notifications.show({
    message:
      offer === undefined ? (
        text
      ) : (
        <Group justify="space-between" wrap="nowrap">
          {text}
          {offerButton(offer, () => notifications.hide(id))}
        </Group>
      ),
    autoClose: offer === undefined ? doneMs : offerMs,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Close' },
  })
}

const showFailure = (title: string, failure: Failure, offer: Offer): void => {
  const action = offerButton(offer, () => notifications.hide(id))
  const id = notifications.show({
    color: 'red',
    autoClose: false,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Close' },
    message: <ErrorView title={title} failure={failure} action={action} />,
  })
}

const tellJob = (job: Job): void => {
  if (job.error === null || job.job === useView.getState().jobHere) return
  showFailure(
    jobTitle(job),
    { ...job.error, requestId: null },
    { label: 'Show in Activity', run: () => navigate(routes.activity) },
  )
}

/**
 * Once, at the start: failures of what this window asked for, and of jobs that it saw running, are told here, unless the dialog
 * that began the job is open and says it itself.
 */
export const startNotifying = (): void => {
  tellBy({
    failure: (title, failure, retry) => showFailure(title, failure, { label: 'Try again', run: retry }),
    done: showDone,
  })
  // a job may fail before its dialog hears its name
  const waiting: Job[] = []
  const tellWaiting = (): void => {
    if (useView.getState().jobHere !== 'asked for') for (const job of waiting.splice(0)) tellJob(job)
  }
  useMirror.subscribe((after, before) => {
    waiting.push(...newlyFailed(before.jobs, after.jobs))
    tellWaiting()
  })
  useView.subscribe(tellWaiting)
}
