import { useEffect, useState } from 'react'
import type { BenchmarkRequest } from '../../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkPlan } from '../../../../shared/contract/benchmarks.ts'
import { client } from '../../../lib/client.ts'
import { type Failure, failureOf } from '../../../lib/failure.ts'

/** nothing → asking → ready | failed; each → asking when the request is another one, with the last plan kept in sight */
export type PlanAnswer = {
  readonly state: 'nothing' | 'asking' | 'ready' | 'failed'
  readonly plan: BenchmarkPlan | null
  readonly failure: Failure | null
}
const nothing: PlanAnswer = { state: 'nothing', plan: null, failure: null }

/** Long enough that a number is typed whole. */
export const typingMs = 250

/**
 * What a run would do, how long it would take and what it would cost.
 * @param request null: there is nothing to ask
 * @param waitMs after the last change; 0 for what is chosen and not typed
 */
export const usePlan = (request: BenchmarkRequest | null, waitMs = 0): PlanAnswer => {
  const [answer, setAnswer] = useState(nothing)
  const key = request === null ? null : JSON.stringify(request)
  useEffect(() => {
    if (key === null) {
      setAnswer(nothing)
      return
    }
    const abort = new AbortController()
    setAnswer(({ plan }) => ({ state: 'asking', plan, failure: null }))
    const ask = () =>
      // what was made text of is the request itself
      client.benchmarks.plan(JSON.parse(key) as BenchmarkRequest, { signal: abort.signal }).then(
        (plan) => {
          if (!abort.signal.aborted) setAnswer({ state: 'ready', plan, failure: null })
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setAnswer({ state: 'failed', plan: null, failure: failureOf(error) })
        },
      )
    const timer = setTimeout(() => void ask(), waitMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [key, waitMs])
  return answer
}
