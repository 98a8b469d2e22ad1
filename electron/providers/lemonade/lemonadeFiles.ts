import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { eachAtMost } from '../parts/parallel.ts'
import { type ListedModel, type ModelFile, ModelFiles } from './lemonadeSchemas.ts'

const atOnce = 4
/** In one look at the list; the others follow in the next ones. */
const perLook = 64
const most = 5_000

const pathOf = (id: string): string => `/v1/models/${encodeURIComponent(id)}`

/** The exact files of models: asked for once for each state of the list, a few at a time. */
export const createLemonadeFiles = (http: HttpClient) => {
  const known = new Map<string, readonly ModelFile[]>()
  const stampOf = ({ id, checkpoint, size, downloaded }: ListedModel) =>
    JSON.stringify([id, checkpoint, size, downloaded])

  /** Null: this version does not tell. */
  const ask = async (model: ListedModel, signal: AbortSignal): Promise<readonly ModelFile[] | null> => {
    try {
      const path = `${pathOf(model.id)}/files?include_paths=true`
      const { files } = await http.json({ path }, ModelFiles, signal)
      known.set(stampOf(model), files)
      return files
    } catch (error) {
      // one model that cannot be described must not hide the others; a server that is gone must be seen
      if (!(error instanceof AppError) || !tolerated.has(error.code)) throw error
      known.set(stampOf(model), [])
      return null
    }
  }

  return {
    /** Just now, for what must not go wrong. */
    ask,
    of: (model: ListedModel): readonly ModelFile[] | null => known.get(stampOf(model)) ?? null,
    lookUp: async (models: readonly ListedModel[], signal: AbortSignal): Promise<void> => {
      const stamps = new Set(models.map(stampOf))
      for (const stamp of known.keys()) if (!stamps.has(stamp)) known.delete(stamp)
      const wanted = models.filter((model) => !known.has(stampOf(model))).slice(0, Math.min(perLook, most - known.size))
      await eachAtMost(atOnce, wanted, async (model) => void (await ask(model, signal)))
    },
  }
}
export type LemonadeFiles = ReturnType<typeof createLemonadeFiles>

const tolerated: ReadonlySet<string> = new Set(['PROVIDER_ERROR', 'PROVIDER_BAD_ANSWER', 'MODEL_NOT_FOUND'])
