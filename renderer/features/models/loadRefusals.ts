import { create } from 'zustand'
import type { LoadOptions, Model } from '../../../shared/contract/models.ts'
import { attempt } from '../../lib/actions.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'

/**
 * Loads that Berth refused at once, for example because they can never fit. No job and no state tells of them, so the
 * window keeps what it was told. `of` is the model as it was: once it has changed, the refusal is old news.
 */
export type Refusals = ReadonlyMap<string, { readonly of: Model; readonly failure: Failure }>
export const useRefusals = create<{ readonly refusals: Refusals }>(() => ({ refusals: new Map() }))

export const refusalOf = (refusals: Refusals, model: Model): Failure | null => {
  const refusal = refusals.get(model.model)
  return refusal?.of === model ? refusal.failure : null
}

const setRefusal = (model: Model, failure: Failure | null): void => {
  const refusals = new Map(useRefusals.getState().refusals)
  if (failure === null) refusals.delete(model.model)
  else refusals.set(model.model, { of: model, failure })
  useRefusals.setState({ refusals })
}

/** Loads it as a job. A refusal shows in the row and the details, besides the notification. */
export const startLoad = (model: Model, options?: LoadOptions) =>
  attempt(`Load ${model.name}`, async () => {
    setRefusal(model, null)
    try {
      return await client.models.load({
        model: model.model,
        wait: false,
        ...(options === undefined ? {} : { options }),
      })
    } catch (error) {
      setRefusal(model, failureOf(error))
      throw error
    }
  })
