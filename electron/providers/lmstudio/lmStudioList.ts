import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { type ListedModel, ModelList } from './lmStudioSchemas.ts'

/** The one list of LM Studio: its models, and in each what is loaded of it. */
export const createLmStudioList = (http: HttpClient) => {
  const all = async (signal: AbortSignal): Promise<readonly ListedModel[]> => {
    const { models } = await http.json({ path: '/api/v1/models' }, ModelList, signal)
    return [...new Map(models.map((model) => [model.key, model])).values()]
  }
  return {
    all,
    find: async (key: string, signal: AbortSignal): Promise<ListedModel> => {
      const model = (await all(signal)).find((each) => each.key === key)
      if (model !== undefined) return model
      throw new AppError('MODEL_NOT_FOUND', `LM Studio has no model ${key}.`, { advice: 'List the models again.' })
    },
    /** Names of the instances of a model that are there now. */
    idsNow: async (key: string, signal: AbortSignal): Promise<string[]> => {
      const model = (await all(signal)).find((each) => each.key === key)
      return (model?.loaded_instances ?? []).map(({ id }) => id)
    },
  }
}
export type LmStudioList = ReturnType<typeof createLmStudioList>
