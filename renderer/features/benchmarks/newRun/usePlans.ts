import { useEffect, useState } from 'react'
import type { BenchmarkPreset } from '../../../../shared/contract/benchmarkSettings.ts'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import { client } from '../../../lib/client.ts'
import { type Failure, failureOf } from '../../../lib/failure.ts'
import type { Planned } from './severalPlans.ts'

/** Asked a few at a time, so that a long selection does not fill the line. */
const atOnce = 4

/** The plan of each model with this preset; `again` puts failures of a start where a plan stood. */
export const usePlans = (models: readonly ModelId[], preset: BenchmarkPreset) => {
  const asked = (): readonly Planned[] => models.map((model) => ({ model, plan: null, failure: null }))
  const [plans, setPlans] = useState(asked)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the models stay the same while the dialog is open
  useEffect(() => {
    const abort = new AbortController()
    setPlans(asked())
    const put = (planned: Planned) => {
      if (!abort.signal.aborted)
        setPlans((before) => before.map((each) => (each.model === planned.model ? planned : each)))
    }
    const waiting = [...models]
    const work = async () => {
      for (let model = waiting.shift(); model !== undefined && !abort.signal.aborted; model = waiting.shift())
        try {
          const plan = await client.benchmarks.plan({ model, preset }, { signal: abort.signal })
          put({ model, plan, failure: null })
        } catch (error) {
          put({ model, plan: null, failure: failureOf(error) })
        }
    }
    for (let worker = 0; worker < atOnce; worker += 1) void work()
    return () => abort.abort()
  }, [preset])
  const again = (failed: ReadonlyMap<ModelId, Failure>) =>
    setPlans((before) =>
      before
        .filter(({ model, plan }) => plan === null || failed.has(model))
        .map((each) => {
          const failure = failed.get(each.model)
          return failure === undefined ? each : { model: each.model, plan: null, failure }
        }),
    )
  return { plans, again }
}
