import { useCallback, useEffect, useRef, useState } from 'react'
import type { Model, ModelDetails } from '../../../shared/contract/models.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'

/** loading → ready | failed; failed → loading on `again` */
export type DetailsState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly details: ModelDetails }
  | { readonly state: 'failed'; readonly failure: Failure }

/** Everything known about a model, read once, again when its file changes, and when a provider that was away is back. */
export const useModelDetails = ({ model, digest, modifiedAt, stale }: Model) => {
  const [answer, setAnswer] = useState<DetailsState>({ state: 'loading' })
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed file or a new attempt means a new reading
  useEffect(() => {
    const abort = new AbortController()
    setAnswer({ state: 'loading' })
    client.models.details({ model }, { signal: abort.signal }).then(
      (details) => {
        if (!abort.signal.aborted) setAnswer({ state: 'ready', details })
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setAnswer({ state: 'failed', failure: failureOf(error) })
      },
    )
    return () => abort.abort()
  }, [model, digest, modifiedAt, attempt])
  const again = useCallback(() => setAttempt((count) => count + 1), [])
  const last = useRef(answer.state)
  last.current = answer.state
  useEffect(() => {
    if (!stale && last.current === 'failed') again()
  }, [stale, again])
  return { answer, again }
}
