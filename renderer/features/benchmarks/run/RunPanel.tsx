import { Button } from '@mantine/core'
import { CircleHelp } from 'lucide-react'
import { Suspense } from 'react'
import type { Benchmark, BenchmarkWithResults } from '../../../../shared/contract/benchmarks.ts'
import { DetailsPanel } from '../../../components/DetailsPanel.tsx'
import { EmptyView } from '../../../components/EmptyView.tsx'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { Section } from '../../../components/Section.tsx'
import { useMirror } from '../../../lib/store.ts'
import type { BenchmarkCharts } from '../BenchmarksPage.tsx'
import classes from '../benchmarks.module.css'
import { modelNameOf } from '../list/benchmarkList.ts'
import { RecordSections } from './RecordSections.tsx'
import { ResultTables } from './ResultTables.tsx'
import { RunButtons } from './RunButtons.tsx'
import { RunSummary } from './RunSummary.tsx'
import { notesOf } from './results.ts'
import { useRun } from './useRun.ts'

export type RunPanelProps = {
  readonly id: string
  readonly charts: Pick<BenchmarkCharts, 'RunCharts'>
  readonly onClose: () => void
}

/** One run: how it is, what it measured, and all that explains it. */
export function RunPanel({ id, charts, onClose }: RunPanelProps) {
  const { benchmark: mirrored, answer, again } = useRun(id)
  const benchmark = mirrored ?? (answer.state === 'ready' ? answer.run.benchmark : null)
  const name = useMirror(({ models }) => (benchmark === null ? 'Benchmark' : modelNameOf(benchmark, models)))
  // an id that no run can have is typed by hand
  if (answer.state === 'failed' && ['BENCHMARK_NOT_FOUND', 'INVALID_INPUT'].includes(answer.failure.code))
    return (
      <DetailsPanel label="Benchmark run" title="Benchmark" wide onClose={onClose}>
        <EmptyView
          icon={<CircleHelp />}
          title="There is no such run"
          text="It was removed, or the address is not right."
          actions={<Button onClick={onClose}>Show all runs</Button>}
        />
      </DetailsPanel>
    )
  return (
    <DetailsPanel
      label="Benchmark run"
      title={name}
      wide
      onClose={onClose}
      actions={benchmark !== null && <RunButtons run={benchmark} />}
    >
      {benchmark !== null && <RunSummary run={benchmark} />}
      {answer.state === 'loading' && (
        <p className={classes.dim} role="status">
          Reading the results…
        </p>
      )}
      {answer.state === 'failed' && (
        <ErrorView
          title="The results could not be read"
          failure={answer.failure}
          action={
            <Button size="compact-xs" variant="default" onClick={again}>
              Try again
            </Button>
          }
        />
      )}
      {answer.state === 'ready' && benchmark !== null && (
        <Results run={{ benchmark, results: answer.run.results }} charts={charts} />
      )}
    </DetailsPanel>
  )
}

type ResultsProps = { readonly run: BenchmarkWithResults; readonly charts: Pick<BenchmarkCharts, 'RunCharts'> }

function Results({ run, charts }: ResultsProps) {
  const { benchmark, results } = run
  const notes = notesOf(results)
  if (results.length === 0) return <NoResults run={benchmark} />
  return (
    <>
      <ResultTables run={run} />
      {notes.length > 0 && (
        <Section title={notes.length === 1 ? 'One note' : `${notes.length} notes`}>
          <ul className={classes.notes}>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Section>
      )}
      <Suspense fallback={null}>
        <charts.RunCharts run={run} />
      </Suspense>
      <RecordSections run={benchmark} />
    </>
  )
}

function NoResults({ run }: { readonly run: Benchmark }) {
  return (
    <>
      {(run.state === 'done' || run.state === 'cancelled') && (
        <p className={classes.dim}>It ended before anything was measured.</p>
      )}
      <RecordSections run={run} />
    </>
  )
}
