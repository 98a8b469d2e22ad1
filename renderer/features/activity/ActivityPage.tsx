import { Anchor, Button, Progress, Text, Tooltip } from '@mantine/core'
import { History } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import type { Job } from '../../../shared/contract/jobs.ts'
import { type Column, DataTable, rowHeightPx } from '../../components/DataTable.tsx'
import { EmptyView } from '../../components/EmptyView.tsx'
import { FailureCode } from '../../components/ErrorView.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { Badge } from '../../components/StateBadge.tsx'
import { cancelJob } from '../../lib/actions.ts'
import { runOfJob } from '../../lib/benchmarks.ts'
import { formatDuration, formatMoment, formatRelative } from '../../lib/format.ts'
import { isActive, jobTitle } from '../../lib/jobs.ts'
import { useNow } from '../../lib/now.ts'
import { routes } from '../../lib/routes.ts'
import { useJobs, useMirror } from '../../lib/store.ts'
import classes from './ActivityPage.module.css'
import { jobDurationMs, jobNote, jobTone, jobWord } from './jobRows.ts'

const adviceHeightPx = 28

export function ActivityPage() {
  const jobs = useJobs()
  const now = useNow()
  const [search, setSearch] = useState('')
  const [current, setCurrent] = useState<string | null>(null)
  const wanted = search.trim().toLowerCase()
  const shown =
    wanted === '' ? jobs : jobs.filter((job) => `${jobTitle(job)} ${job.state}`.toLowerCase().includes(wanted))
  const active = jobs.filter(isActive).length
  return (
    <>
      <PageHeader
        title="Activity"
        fact={jobs.length === 0 ? undefined : `${active} running, ${jobs.length - active} finished`}
        search={{ label: 'Search jobs', value: search, onChange: setSearch }}
      />
      {shown.length === 0 ? (
        <EmptyView
          icon={<History size={28} />}
          title={jobs.length === 0 ? 'Nothing has been done yet' : 'No job matches'}
          text={
            jobs.length === 0
              ? 'Loads, scans and other long work stand here, with their progress and how they ended.'
              : 'Search for a model, a folder or a state such as failed.'
          }
        />
      ) : (
        <DataTable
          label="Jobs, newest first"
          columns={columns(now)}
          rows={shown}
          rowId={({ job }) => job}
          current={current}
          onCurrent={setCurrent}
          rowHeight={({ error }) => rowHeightPx + (error === null ? 0 : adviceHeightPx)}
          rowExtra={({ error }) =>
            error === null ? null : (
              <span className={classes.advice}>
                <span className={classes.note}>{error.advice}</span>
                <FailureCode failure={{ ...error, requestId: null }} />
              </span>
            )
          }
        />
      )}
    </>
  )
}

const columns = (now: number): readonly Column<Job>[] => [
  { id: 'what', header: 'What', width: 260, grow: 3, cell: (job) => <What job={job} /> },
  { id: 'state', header: 'State', width: 124, cell: (job) => <Badge tone={jobTone(job)} word={jobWord(job)} /> },
  { id: 'note', header: 'Progress and result', width: 240, grow: 4, cell: (job) => <Note job={job} now={now} /> },
  {
    id: 'duration',
    header: 'Took',
    tip: 'From its start to its end, or to now',
    width: 104,
    align: 'right',
    cell: (job) => formatDuration(jobDurationMs(job, now)),
  },
  {
    id: 'begun',
    header: 'Begun',
    width: 104,
    align: 'right',
    cell: ({ createdAt }) => (
      <Tooltip label={formatMoment(createdAt, now)}>
        <span>{formatRelative(createdAt, now)}</span>
      </Tooltip>
    ),
  },
  {
    id: 'cancel',
    header: '',
    width: 92,
    align: 'right',
    cell: (job) =>
      job.cancellable && isActive(job) ? (
        <Button size="compact-xs" variant="default" onClick={() => void cancelJob(job)}>
          Cancel
        </Button>
      ) : null,
  },
]

/** A benchmark leads to what it measures. */
function What({ job }: { readonly job: Job }) {
  const benchmarks = useMirror((mirror) => mirror.benchmarks)
  const run = useMemo(() => runOfJob(job, benchmarks.values()), [job, benchmarks])
  if (run === null) return <Clipped text={jobTitle(job)} />
  return (
    <Anchor
      component={Link}
      href={routes.benchmark(run.benchmark)}
      className={classes.note ?? ''}
      title={jobTitle(job)}
    >
      {jobTitle(job)}
    </Anchor>
  )
}

function Clipped({ text }: { readonly text: string }) {
  return (
    <Tooltip label={text}>
      <span className={classes.note}>{text}</span>
    </Tooltip>
  )
}

function Note({ job, now }: { readonly job: Job; readonly now: number }) {
  const note = jobNote(job, now)
  const fraction = job.progress?.fraction ?? null
  return (
    <span className={classes.progress}>
      {job.state === 'running' && fraction !== null && (
        <Progress value={fraction * 100} size={6} w={96} aria-label={jobTitle(job)} style={{ flex: 'none' }} />
      )}
      <Text span c={job.error === null ? 'inherit' : 'var(--berth-failed)'} className={classes.note ?? ''} title={note}>
        {note}
      </Text>
    </span>
  )
}
