import { Button, Group, Progress, Text } from '@mantine/core'
import type { Job } from '../../../shared/contract/jobs.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { cancelJob } from '../../lib/actions.ts'
import { formatDisk, formatPercent } from '../../lib/format.ts'
import { isActive } from '../../lib/jobs.ts'
import { useMirror } from '../../lib/store.ts'
import { transferWords } from '../../lib/transfer.ts'
import classes from './models.module.css'

const mostParts = 6

/** One job as it runs: what it does, how far, how fast, each part of it, and a way to end it. */
export function JobProgress({ job: id }: { readonly job: string }) {
  const job = useMirror((mirror) => mirror.jobs.get(id) ?? null)
  if (job === null) return null
  if (job.error !== null) return <ErrorView failure={{ ...job.error, requestId: null }} />
  if (!isActive(job)) return <Text role="status">{job.state === 'done' ? `${job.result}.` : 'It was cancelled.'}</Text>
  return <Running job={job} />
}

function Running({ job }: { readonly job: Job }) {
  const { fraction = null, text = null, transfer = null } = job.progress ?? {}
  const parts = transfer?.parts ?? []
  return (
    <section aria-label="Progress">
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Text truncate>{text ?? 'Beginning…'}</Text>
        <Button size="compact-xs" variant="default" onClick={() => void cancelJob(job)}>
          Cancel
        </Button>
      </Group>
      <Progress value={(fraction ?? 0) * 100} animated={fraction === null} aria-label="Whole" />
      <Text c="dimmed" mt={4}>
        {[
          ...(fraction === null ? [] : [formatPercent(fraction)]),
          ...(transfer === null ? [] : [transferWords(transfer)]),
        ].join(' · ') || '\u00a0'}
      </Text>
      {parts.length > 1 && (
        <ul className={classes.parts}>
          {parts.slice(-mostParts).map(({ name, doneBytes, totalBytes }) => (
            <li key={name}>
              <span>{name}</span>
              <span className={classes.dim}>
                {formatDisk(doneBytes)} of {formatDisk(totalBytes)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
