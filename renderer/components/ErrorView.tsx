import { Group, Stack, Text } from '@mantine/core'
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { type Failure, failureText } from '../lib/failure.ts'
import { CopyButton } from './CopyButton.tsx'

type ErrorViewProps = {
  readonly failure: Failure
  /** what was tried, when the place does not say it */
  readonly title?: string
  /** the button that does what the advice says */
  readonly action?: ReactNode
}

/** What happened, what to do with a button for it, and what a report needs: code and request id, to copy. */
export function ErrorView({ failure, title, action }: ErrorViewProps) {
  return (
    <Group role="alert" align="flex-start" gap={8} wrap="nowrap">
      <CircleAlert size={16} color="var(--berth-failed)" style={{ flex: 'none', marginTop: 2 }} aria-hidden />
      <Stack gap={0} style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        {title !== undefined && <Text fw={600}>{title}</Text>}
        <Text c="var(--berth-failed)">{failure.message}</Text>
        <Text c="dimmed">{failure.advice}</Text>
        <Group gap={8} mt={4}>
          {action}
          <FailureCode failure={failure} />
        </Group>
      </Stack>
    </Group>
  )
}

/** Enough to find it in a log; “Copy details” has it whole. */
const shownOfId = 8

/** The last line of an error, also where the rest of it stands in a row. */
export function FailureCode({ failure }: { readonly failure: Failure }) {
  const { code, requestId } = failure
  return (
    <Group gap={4} wrap="nowrap">
      <Text
        c="dimmed"
        fz={12}
        title={requestId === null ? undefined : `request id ${requestId}`}
        style={{ whiteSpace: 'nowrap' }}
      >
        {requestId === null ? code : `${code} · id ${requestId.slice(0, shownOfId)}`}
      </Text>
      <CopyButton text={failureText(failure)} what="details" />
    </Group>
  )
}
