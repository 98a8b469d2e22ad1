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

/** What happened, what to do, and a button for it; code and request id by “Copy details”. */
export function ErrorView({ failure, title, action }: ErrorViewProps) {
  return (
    <Group role="alert" align="flex-start" gap={8} wrap="nowrap">
      <CircleAlert size={16} color="var(--berth-failed)" style={{ flex: 'none', marginTop: 2 }} aria-hidden />
      <Stack gap={0} style={{ minWidth: 0 }}>
        {title !== undefined && <Text fw={600}>{title}</Text>}
        <Text c="var(--berth-failed)" style={{ overflowWrap: 'anywhere' }}>
          {failure.message}
        </Text>
        <Text c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {failure.advice}
        </Text>
        <Group gap={8} mt={4}>
          {action}
          <CopyButton text={failureText(failure)} what="details" />
        </Group>
      </Stack>
    </Group>
  )
}
