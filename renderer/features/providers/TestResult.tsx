import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { CircleAlert, CircleCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ProviderKind, ProviderTest } from '../../../shared/contract/providers.ts'
import { kindLabel } from '../../../shared/providerKinds.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { type Failure, failureText } from '../../lib/failure.ts'
import { formatCount, formatDuration } from '../../lib/format.ts'
import type { ConnectedKind } from '../../lib/providers.ts'
import classes from './providers.module.css'

/** idle → testing → said | failed; any change of a field → idle */
export type TestState =
  | { readonly state: 'idle' }
  | { readonly state: 'testing' }
  | { readonly state: 'said'; readonly test: ProviderTest }
  /** the test itself could not be made */
  | { readonly state: 'failed'; readonly failure: Failure }

type TestResultProps = { readonly result: TestState; readonly onKind: (kind: ConnectedKind) => void }

/** Exactly what the test found out. Its place is there before, so that the buttons below stay where they are. */
export function TestResult({ result, onKind }: TestResultProps) {
  return (
    <div className={classes.test} role="status" aria-label="Result of the test">
      {result.state === 'idle' && <Text c="dimmed">Test tries the address and the key without saving them.</Text>}
      {result.state === 'testing' && (
        <Group gap={8}>
          <Loader size={14} aria-hidden /> <Text c="dimmed">Testing…</Text>
        </Group>
      )}
      {result.state === 'failed' && <FailedLines failure={result.failure} />}
      {result.state === 'said' && result.test.result === 'ok' && <Passed test={result.test} />}
      {result.state === 'said' && result.test.result === 'failed' && (
        <FailedLines failure={{ ...result.test, requestId: null }}>
          <OtherKind kind={result.test.kindFound} onKind={onKind} />
        </FailedLines>
      )}
    </div>
  )
}

function Passed({ test }: { readonly test: Extract<ProviderTest, { result: 'ok' }> }) {
  const { version, latencyMs, models, warnings } = test
  const facts = [
    version === null ? 'version not told' : `version ${version}`,
    `answers in ${formatDuration(Math.max(1, latencyMs))}`,
    `${formatCount(models)} ${models === 1 ? 'model' : 'models'}`,
  ]
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <CircleCheck size={16} className={classes.testIcon} color="var(--berth-loaded)" aria-hidden />
      <Stack gap={0} className={classes.anywhere ?? ''}>
        <Text c="var(--berth-loaded)">It works: {facts.join(', ')}.</Text>
        {warnings.map((warning) => (
          <Text key={warning} c="var(--berth-stale)">
            {warning}
          </Text>
        ))}
      </Stack>
    </Group>
  )
}

type FailedLinesProps = { readonly failure: Failure; readonly children?: ReactNode }

function FailedLines({ failure, children }: FailedLinesProps) {
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <CircleAlert size={16} className={classes.testIcon} color="var(--berth-failed)" aria-hidden />
      <Stack gap={0} className={classes.anywhere ?? ''}>
        <Text c="var(--berth-failed)">{failure.message}</Text>
        <Text c="dimmed">{failure.advice}</Text>
        <Group gap={8} mt={4}>
          {children}
          <Text c="dimmed" fz={12}>
            {failure.code}
          </Text>
          <CopyButton text={failureText(failure)} what="details" />
        </Group>
      </Stack>
    </Group>
  )
}

type OtherKindProps = { readonly kind: ProviderKind | null; readonly onKind: (kind: ConnectedKind) => void }

function OtherKind({ kind, onKind }: OtherKindProps) {
  if (kind === null || kind === 'embedded') return null
  return (
    <Button size="compact-xs" variant="default" onClick={() => onKind(kind)}>
      Connect it as {kindLabel(kind)}
    </Button>
  )
}
