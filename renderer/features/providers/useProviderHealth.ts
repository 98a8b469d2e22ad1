import { useCallback, useEffect, useState } from 'react'
import type { ProviderHealth } from '../../../shared/contract/providers.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'

/** asking → ready | failed; ready | failed → asking on `again`, with the last answer kept in sight */
export type HealthState = {
  readonly asking: boolean
  readonly health: ProviderHealth | null
  /** Unix ms of the last answer */
  readonly at: number | null
  readonly failure: Failure | null
}

const nothing: HealthState = { asking: true, health: null, at: null, failure: null }

/** What a server says of itself, asked when its details open and when the person asks again; never polled. */
export const useProviderHealth = (provider: string) => {
  const [state, setState] = useState<HealthState>(nothing)
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt means a new question
  useEffect(() => {
    const abort = new AbortController()
    setState((before) => ({ ...before, asking: true }))
    client.providers.health({ provider }, { signal: abort.signal }).then(
      (health) => {
        if (!abort.signal.aborted) setState({ asking: false, health, at: Date.now(), failure: null })
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, asking: false, failure: failureOf(error) }))
      },
    )
    return () => abort.abort()
  }, [provider, attempt])
  const again = useCallback(() => setAttempt((count) => count + 1), [])
  return { ...state, again }
}
