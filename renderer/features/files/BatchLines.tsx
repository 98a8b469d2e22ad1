import { Button, Progress } from '@mantine/core'
import type { Job } from '../../../shared/contract/jobs.ts'
import { cancelJob } from '../../lib/actions.ts'
import { formatCount } from '../../lib/format.ts'
import { isActive } from '../../lib/jobs.ts'
import { useJobs } from '../../lib/store.ts'
import { cancelRound, useValidations } from '../../lib/validations.ts'
import classes from './files.module.css'
import { isBelow } from './paths.ts'

const concerns = (job: Job, shown: string | null): boolean =>
  job.kind === 'validate' &&
  isActive(job) &&
  (shown === null || isBelow(shown, job.subject) || isBelow(job.subject, shown))

/** What is being looked into here, each with its progress and a way to end it. */
export function BatchLines({ shown }: { readonly shown: string | null }) {
  const jobs = useJobs().filter((job) => concerns(job, shown))
  const round = useValidations((state) => state.round)
  return (
    <>
      {jobs.map((job) => (
        <Line
          key={job.job}
          what={`Validating ${job.subject}`}
          text={job.progress?.text ?? null}
          fraction={job.progress?.fraction ?? null}
          onCancel={job.cancellable ? () => void cancelJob(job) : null}
        />
      ))}
      {round !== null && (
        <Line
          what="Validating the chosen files"
          text={`${formatCount(round.done)} of ${formatCount(round.total)} files`}
          fraction={round.done / round.total}
          onCancel={cancelRound}
        />
      )}
    </>
  )
}

type LineProps = {
  readonly what: string
  readonly text: string | null
  /** 0–1 */
  readonly fraction: number | null
  readonly onCancel: (() => void) | null
}

function Line({ what, text, fraction, onCancel }: LineProps) {
  return (
    <div className={classes.batch}>
      <span className={classes.clipped} title={what}>
        {what}
      </span>
      <Progress
        className={classes.batchBar ?? ''}
        size={6}
        value={fraction === null ? 100 : fraction * 100}
        animated={fraction === null}
        aria-label={what}
      />
      <span className={classes.batchText}>{text ?? 'looking for files…'}</span>
      {onCancel !== null && (
        <Button size="compact-xs" variant="default" aria-label={`Cancel: ${what}`} onClick={onCancel}>
          Cancel
        </Button>
      )}
    </div>
  )
}
