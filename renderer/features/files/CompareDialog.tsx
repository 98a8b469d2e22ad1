import { Modal } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Comparison } from '../../../shared/contract/files.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { ComparisonView } from './ComparisonView.tsx'
import classes from './files.module.css'

type CompareDialogProps = { readonly left: string; readonly right: string; readonly onClose: () => void }

type CompareState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly comparison: Comparison }
  | { readonly state: 'failed'; readonly failure: Failure }

/** How two files differ. Both are read anew. */
export function CompareDialog({ left, right, onClose }: CompareDialogProps) {
  const [answer, setAnswer] = useState<CompareState>({ state: 'loading' })
  useEffect(() => {
    const abort = new AbortController()
    client.files.compare({ left, right }, { signal: abort.signal }).then(
      (comparison) => {
        if (!abort.signal.aborted) setAnswer({ state: 'ready', comparison })
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setAnswer({ state: 'failed', failure: failureOf(error) })
      },
    )
    return () => abort.abort()
  }, [left, right])
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1400px, 94vw)"
      title="Compare two files"
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ body: classes.compareBody ?? '' }}
    >
      {answer.state === 'failed' ? (
        <ErrorView title="They could not be compared" failure={answer.failure} />
      ) : answer.state === 'loading' ? (
        <p className={classes.dim} role="status">
          Reading both files…
        </p>
      ) : (
        <ComparisonView comparison={answer.comparison} />
      )}
    </Modal>
  )
}
