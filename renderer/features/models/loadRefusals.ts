import { ORPCError } from '@orpc/client'
import { create } from 'zustand'
import type { LoadOptions, Model } from '../../../shared/contract/models.ts'
import { attempt } from '../../lib/actions.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { formatMemory } from '../../lib/format.ts'

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

const missingBytesIn = (data: unknown): number | null => {
  if (typeof data !== 'object' || data === null || !('details' in data)) return null
  const { details } = data
  if (typeof details !== 'object' || details === null || !('missingBytes' in details)) return null
  return typeof details.missingBytes === 'number' ? details.missingBytes : null
}

/** The failure, with by how much the memory falls short where Berth says it. */
const withShortage = (error: unknown): Failure => {
  const failure = failureOf(error)
  const missing = error instanceof ORPCError ? missingBytesIn(error.data) : null
  return missing === null
    ? failure
    : { ...failure, message: `${failure.message} ${formatMemory(missing)} are missing.` }
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
      setRefusal(model, withShortage(error))
      throw error
    }
  })
