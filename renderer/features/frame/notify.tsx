import { Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { navigate } from 'wouter/use-hash-location'
import { CopyButton } from '../../components/CopyButton.tsx'
import { tellBy } from '../../lib/actions.ts'
import { type Failure, failureText } from '../../lib/failure.ts'
import { jobTitle, newlyFailed } from '../../lib/jobs.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'

const doneMs = 5000

type Offer = { readonly label: string; readonly run: () => void }

const showFailure = (title: string, failure: Failure, offer: Offer | null): void => {
  const id = notifications.show({
    color: 'red',
    title,
    autoClose: false,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Close' },
    message: (
      <div role="alert">
        <Text c="var(--berth-failed)">{failure.message}</Text>
        <Text c="dimmed">{failure.advice}</Text>
        {offer !== null && (
          <Button
            size="compact-xs"
            variant="default"
            mt={4}
            mr={8}
            onClick={() => {
              notifications.hide(id)
              offer.run()
            }}
          >
            {offer.label}
          </Button>
        )}
        <CopyButton text={failureText(failure)} what="details" />
      </div>
    ),
  })
}

/** Once, at the start: failures of what this window asked for, and of jobs that it saw running, are told here. */
export const startNotifying = (): void => {
  tellBy({
    failure: (title, failure, retry) =>
      showFailure(title, failure, retry === undefined ? null : { label: 'Try again', run: retry }),
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
          {
            label: 'Show in Activity',
            run: () => navigate(routes.activity),
          },
        )
  })
}
