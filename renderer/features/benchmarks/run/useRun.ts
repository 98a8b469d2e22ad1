import { useCallback, useEffect, useState } from 'react'
import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkWithResults } from '../../../../shared/contract/benchmarks.ts'
import { client, useConnectionGeneration } from '../../../lib/client.ts'
import { type Failure, failureOf } from '../../../lib/failure.ts'
import { useBenchmark } from '../../../lib/store.ts'

/** loading → ready | failed; failed → loading on `again`. Results stay while newer ones are fetched. */
export type RunAnswer =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly run: BenchmarkWithResults }
  | { readonly state: 'failed'; readonly failure: Failure }

/** A run with its results, read again whenever the mirror says that it has one more. */
export const useRun = (id: string) => {
  const benchmark = useBenchmark(id)
  const generation = useConnectionGeneration()
  const [answer, setAnswer] = useState<RunAnswer>({ state: 'loading' })
  const [attempt, setAttempt] = useState(0)
  const results = benchmark?.headline.results
  const state = benchmark?.state
  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when there is something new to read
  useEffect(() => {
    const abort = new AbortController()
    client.benchmarks.get({ benchmark: id as BenchmarkId }, { signal: abort.signal }).then(
      (run) => {
        if (!abort.signal.aborted) setAnswer({ state: 'ready', run })
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setAnswer({ state: 'failed', failure: failureOf(error) })
      },
    )
    return () => abort.abort()
  }, [id, results, state, generation, attempt])
  const again = useCallback(() => {
    setAnswer({ state: 'loading' })
    setAttempt((count) => count + 1)
  }, [])
  return { benchmark, answer, again }
}
