import { Button, Skeleton } from '@mantine/core'
import { FileQuestionMark } from 'lucide-react'
import { useEffect } from 'react'
import { navigate } from 'wouter/use-hash-location'
import { Copyable } from '../../components/CopyButton.tsx'
import { DetailsPanel } from '../../components/DetailsPanel.tsx'
import { EmptyView } from '../../components/EmptyView.tsx'
import { ErrorView } from '../../components/ErrorView.tsx'
import { routes } from '../../lib/routes.ts'
import { startValidation } from '../../lib/validations.ts'
import classes from './files.module.css'
import { shownName } from './paths.ts'
import { ReportActions } from './ReportActions.tsx'
import { ReportBody } from './ReportBody.tsx'
import { RungLadder } from './RungLadder.tsx'
import { useReport } from './useReport.ts'

type ReportPanelProps = { readonly path: string; readonly onClose: () => void }

/** What is known of one file or folder: growing while it is looked into, then whole. */
export function ReportPanel({ path, onClose }: ReportPanelProps) {
  const { answer, validation, row, again } = useReport(path)
  const report = answer.state === 'ready' ? answer.report : null
  const found = validation?.state === 'done' ? validation.report.path : null
  useEffect(() => {
    // typed with a slash too many: the address follows the path as it is
    if (found !== null && found !== path) navigate(routes.file(found), { replace: true })
  }, [found, path])
  const validate = () => void startValidation(path)
  const isRunning = validation?.state === 'running'
  return (
    <DetailsPanel
      label="Report"
      title={
        <Copyable text={path} what="path">
          {row?.labels.name ?? shownName(path)}
        </Copyable>
      }
      onClose={onClose}
      actions={<ReportActions path={path} row={row} report={report} isRunning={isRunning} onValidate={validate} />}
    >
      {isRunning ? (
        <RungLadder rungs={validation.rungs} progress={validation.progress} />
      ) : validation?.state === 'failed' ? (
        <ErrorView
          title="It could not be looked into"
          failure={validation.failure}
          action={<TryAgain onClick={validate} />}
        />
      ) : answer.state === 'ready' ? (
        <ReportBody report={answer.report} row={row} />
      ) : answer.state === 'failed' ? (
        <ErrorView
          title="The report could not be read"
          failure={answer.failure}
          action={<TryAgain onClick={again} />}
        />
      ) : answer.state === 'unknown' ? (
        <EmptyView
          icon={<FileQuestionMark />}
          title="Berth has no report of this yet"
          text={path}
          actions={<Button onClick={validate}>Validate</Button>}
        />
      ) : (
        <Loading />
      )}
    </DetailsPanel>
  )
}

function TryAgain({ onClick }: { readonly onClick: () => void }) {
  return (
    <Button size="compact-xs" variant="default" onClick={onClick}>
      Try again
    </Button>
  )
}

function Loading() {
  return (
    <div role="status" aria-label="Reading the report">
      {[72, 56, 88, 64, 80, 48].map((width) => (
        <div key={width} className={classes.skeletonLine}>
          <Skeleton height={12} width={`${width}%`} />
        </div>
      ))}
    </div>
  )
}
