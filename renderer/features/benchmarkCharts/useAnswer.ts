import { useCallback, useEffect, useState } from 'react'
import { useConnectionGeneration } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'

/** `stale`: of an earlier question, kept so that nothing jumps until the new answer is here. */
export type Answer<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'ready'; readonly value: T; readonly stale: boolean }

/**
 * Asks whenever `key` changes or the connection is a new one. `ask` is read at that moment, so it need not be memoised.
 * What was answered stays, as stale, until the next answer.
 */
export const useAnswer = <T>(key: string, ask: (signal: AbortSignal) => Promise<T>) => {
  const [answer, setAnswer] = useState<Answer<T>>({ state: 'loading' })
  const [attempt, setAttempt] = useState(0)
  const generation = useConnectionGeneration()

  // biome-ignore lint/correctness/useExhaustiveDependencies: key, generation and attempt say when to ask again
  useEffect(() => {
    const end = new AbortController()
    setAnswer((before) => (before.state === 'ready' ? { ...before, stale: true } : { state: 'loading' }))
    ask(end.signal).then(
      (value) => {
        if (!end.signal.aborted) setAnswer({ state: 'ready', value, stale: false })
      },
      (error: unknown) => {
        if (!end.signal.aborted) setAnswer({ state: 'failed', failure: failureOf(error) })
      },
    )
    return () => end.abort()
  }, [key, generation, attempt])

  const again = useCallback(() => setAttempt((count) => count + 1), [])
  return { answer, again }
}
