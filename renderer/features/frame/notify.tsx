import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { navigate } from 'wouter/use-hash-location'
import { ErrorView } from '../../components/ErrorView.tsx'
import { type Offer, tellBy } from '../../lib/actions.ts'
import type { Failure } from '../../lib/failure.ts'
import { jobTitle, newlyFailed } from '../../lib/jobs.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'

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

/** Once, at the start: failures of what this window asked for, and of jobs that it saw running, are told here. */
export const startNotifying = (): void => {
  tellBy({
    failure: (title, failure, retry) => showFailure(title, failure, { label: 'Try again', run: retry }),
    done: showDone,
  })
  useMirror.subscribe((after, before) => {
    for (const job of newlyFailed(before.jobs, after.jobs))
      if (job.error !== null)
        showFailure(
          jobTitle(job),
          { ...job.error, requestId: null },
          { label: 'Show in Activity', run: () => navigate(routes.activity) },
        )
  })
}
