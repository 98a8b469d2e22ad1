import { Modal } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import { testName } from '../../../../shared/testName.ts'
import { DataTable } from '../../../components/DataTable.tsx'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { client } from '../../../lib/client.ts'
import { type Failure, failureOf } from '../../../lib/failure.ts'
import { formatCount } from '../../../lib/format.ts'
import classes from '../benchmarks.module.css'
import { repetitionColumns, requestColumns } from './sampleColumns.tsx'
import { type SampleRows, sampleRows } from './sampleRows.ts'

type SamplesDialogProps = {
  readonly run: BenchmarkId
  readonly result: BenchmarkResult
  readonly onClose: () => void
}

/** loading → ready | failed */
type Answer =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly rows: SampleRows }
  | { readonly state: 'failed'; readonly failure: Failure }

/** Each repetition, or each request, as it was measured. Read when somebody asks. */
export function SamplesDialog({ run, result: { position, test, unit }, onClose }: SamplesDialogProps) {
  const [answer, setAnswer] = useState<Answer>({ state: 'loading' })
  useEffect(() => {
    const abort = new AbortController()
    client.benchmarks.samples({ benchmark: run, position }, { signal: abort.signal }).then(
      ({ samples }) => setAnswer({ state: 'ready', rows: sampleRows(samples) }),
      (error: unknown) => {
        if (!abort.signal.aborted) setAnswer({ state: 'failed', failure: failureOf(error) })
      },
    )
    return () => abort.abort()
  }, [run, position])
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1000px, 92vw)"
      title={`Raw samples of ${testName(test)}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ body: classes.samples ?? '' }}
    >
      {answer.state === 'failed' ? (
        <ErrorView title="The samples could not be read" failure={answer.failure} />
      ) : answer.state === 'loading' ? (
        <p className={classes.dim} role="status">
          Reading the samples…
        </p>
      ) : (
        <Samples rows={answer.rows} unit={unit} />
      )}
    </Modal>
  )
}

function Samples({ rows, unit }: { readonly rows: SampleRows; readonly unit: BenchmarkResult['unit'] }) {
  const [current, setCurrent] = useState<string | null>(null)
  const repetitions = useMemo(() => repetitionColumns(unit), [unit])
  if (rows.repetitions.length + rows.requests.length === 0)
    return <p className={classes.dim}>This result came without samples.</p>
  if (rows.requests.length > 0)
    return (
      <>
        <p className={classes.hint}>
          {formatCount(rows.requests.length)} requests, in milliseconds from the beginning of this load.
        </p>
        <DataTable
          label="Requests"
          columns={requestColumns}
          rows={rows.requests}
          rowId={({ id }) => id}
          current={current}
          onCurrent={setCurrent}
        />
      </>
    )
  return (
    <DataTable
      label="Repetitions"
      columns={repetitions}
      rows={rows.repetitions}
      rowId={({ id }) => id}
      current={current}
      onCurrent={setCurrent}
    />
  )
}
