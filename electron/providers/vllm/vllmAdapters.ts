import type { AdapterChange, Adapters } from '../../../shared/contract/modelCare.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import type { OpenAiModel } from '../openai/openAiModels.ts'
import { adaptersOff, isMissingRoute } from './vllmFault.ts'

const paths = { add: '/v1/load_lora_adapter', remove: '/v1/unload_lora_adapter' } as const

export interface VllmAdaptersDeps {
  readonly http: HttpClient
  readonly list: (signal: AbortSignal) => Promise<readonly OpenAiModel[]>
  /** of reading an adapter from the server's disk */
  readonly changeMs: number
}

export const createVllmAdapters = ({ http, list, changeMs }: VllmAdaptersDeps) => {
  /** The routes take POST only: asked otherwise, one that is there says 405, and nothing happens. */
  const canChange = async (signal: AbortSignal): Promise<boolean> => {
    try {
      await http.whole({ path: paths.add }, signal)
      return false
    } catch (error) {
      if (error instanceof AppError && error.details?.status === 405) return true
      if (isMissingRoute(error)) return false
      throw error
    }
  }

  const of = (models: readonly OpenAiModel[], key: string, change: boolean): Adapters => ({
    adapters: models
      .filter(({ parent }) => parent === key)
      .map(({ id, root }) => ({ id, name: id, path: root, scale: null })),
    can: { scale: false, add: change, remove: change },
  })

  const post = async (path: string, body: object, signal: AbortSignal): Promise<void> => {
    try {
      // it answers a sentence, not JSON
      await http.whole({ path, body, limits: { answerMs: changeMs } }, signal)
    } catch (error) {
      if (isMissingRoute(error) && isRoutersWord(error))
        throw new AppError('VERB_NOT_SUPPORTED', adaptersOff, { cause: error })
      throw error
    }
  }

  const add = async (key: string, name: string, path: string, signal: AbortSignal): Promise<Adapters> => {
    await post(paths.add, { lora_name: name, lora_path: path }, signal)
    const models = await list(signal)
    if (models.some(({ id }) => id === name)) return of(models, key, true)
    throw new AppError('PROVIDER_ERROR', `vLLM took the adapter ${name}, but does not list it.`, {
      advice: 'With several API servers or data parallelism only one of its processes has it: restart it with one.',
      details: { status: 200 },
    })
  }

  const remove = async (key: string, id: string, signal: AbortSignal): Promise<Adapters> => {
    const known = of(await list(signal), key, true).adapters.some((adapter) => adapter.id === id)
    if (!known) throw new AppError('MODEL_NOT_FOUND', `vLLM has no adapter ${id} of ${key}.`)
    await post(paths.remove, { lora_name: id }, signal)
    return of(await list(signal), key, true)
  }

  return {
    list: async (key: string, signal: AbortSignal): Promise<Adapters> => {
      const [models, change] = await Promise.all([list(signal), canChange(signal)])
      return of(models, key, change)
    },
    change: async (key: string, change: AdapterChange, signal: AbortSignal): Promise<Adapters> => {
      if (change.change === 'add') return add(key, change.name, change.path, signal)
      if (change.change === 'remove') return remove(key, change.id, signal)
      throw new AppError('VERB_NOT_SUPPORTED', 'vLLM uses an adapter whole or not at all: it has no scale.', {
        advice: 'Choose the adapter as the model of a request.',
      })
    },
  }
}

/** Its own 404, of an adapter or a path that is not there, is a sentence. */
const isRoutersWord = (error: unknown): boolean =>
  error instanceof AppError && /^(|not found)$/i.test(String(error.details?.providerMessage ?? ''))
