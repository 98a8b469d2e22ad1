import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { navigate } from 'wouter/use-hash-location'
import { ErrorView } from '../../components/ErrorView.tsx'
import { tellBy } from '../../lib/actions.ts'
import type { Failure } from '../../lib/failure.ts'
import { jobTitle, newlyFailed } from '../../lib/jobs.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'

const doneMs = 5000

type Offer = { readonly label: string; readonly run: () => void }

const showFailure = (title: string, failure: Failure, offer: Offer): void => {
  const run = () => {
    notifications.hide(id)
    offer.run()
  }
  const action = (
    <Button size="compact-xs" variant="default" onClick={run}>
      {offer.label}
    </Button>
  )
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
    done: (text) => {
      notifications.show({
        message: text,
        autoClose: doneMs,
        withBorder: true,
        closeButtonProps: { 'aria-label': 'Close' },
      })
    },
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
