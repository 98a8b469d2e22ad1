import type { Job } from '../../shared/contract/jobs.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { LoadOptions } from '../../shared/contract/models.ts'
import { attempt, tellDone } from './actions.ts'
import { client } from './client.ts'
import { formatDisk } from './format.ts'

export const keepModel = (model: ModelId, keepAlive: NonNullable<LoadOptions['keepAlive']>) =>
  attempt(`Keep ${model} loaded`, () => client.models.keepAlive({ model, keepAlive }))

/** Throws, so that the dialog can say why beside its field. */
export const copyModel = async (model: ModelId, to: string): Promise<ModelId> =>
  (await client.models.copy({ model, to })).model
export const renameModel = async (model: ModelId, to: string): Promise<ModelId> =>
  (await client.models.rename({ model, to })).model

export const removeModel = async (model: ModelId): Promise<void> => {
  const { freedBytes } = await client.models.remove({ model })
  tellDone(freedBytes ? `${model} is removed; ${formatDisk(freedBytes)} are free again.` : `${model} is removed.`)
}

export const pushModel = (model: ModelId): Promise<Job | null> =>
  attempt(`Push ${model}`, () => client.models.push({ model }))
