import { AppError } from '../../lib/appError.ts'
import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { chatWithOpenAi, wireOfOpenAi } from '../openai/openAiChat.ts'
import { embedWithOpenAi } from '../openai/openAiEmbed.ts'
import { asWrongKind } from '../openai/openAiFault.ts'
import { listModelsAs } from '../openai/openAiModels.ts'
import { createListeners } from '../parts/listeners.ts'
import { exactLlama } from '../parts/llamaFlags.ts'
import type { Provider, ProviderConfig, ProviderRemoval } from '../provider.ts'
import { isLoopback } from '../providerAddress.ts'
import { lemonadeFacts } from './lemonadeFacts.ts'
import { isNotLoaded, lemonadeFault } from './lemonadeFault.ts'
import { createLemonadeFiles } from './lemonadeFiles.ts'
import { createLemonadeLoads } from './lemonadeLoads.ts'
import { sizeOf, toDetails, toProviderModel, whyNotRemovable } from './lemonadeModel.ts'
import { createLemonadePull } from './lemonadePull.ts'
import { Aliases, Done, Health, ListedModel } from './lemonadeSchemas.ts'

export interface LemonadeLimits extends HttpLimits {
  /** of a load, and until the first token: minutes are normal */
  readonly loadMs: number
  /** of an unload, which waits for running requests */
  readonly unloadMs: number
  /** between two words about a download */
  readonly pullIdleMs: number
}
export type LemonadeProviderDeps = ProviderConfig & { readonly limits?: Partial<LemonadeLimits> }

const cannot: Provider['cannot'] = {
  push: 'Lemonade uploads nothing.',
  create:
    'Lemonade makes no models: put a GGUF file into its extra folder (extra_models_dir), and it is there at once.',
  copy: 'Lemonade gives a second name by an alias in its own settings.',
  adapters: 'Lemonade takes adapters only as arguments of llama-server, in the options saved for a model.',
}

export const createLemonadeProvider = (deps: LemonadeProviderDeps) => {
  const { id, name, apiKey, now, limits } = deps
  const { loadMs = 30 * 60_000, unloadMs = 60_000, pullIdleMs = 10 * 60_000 } = limits ?? {}
  // its API has four equal prefixes, and /internal none: an address with one of them is this server too
  const address = deps.address
  const baseUrl = address.replace(/(\/api)?\/v[01]$/, '')
  const isLocal = isLoopback(address)
  const http = createHttpClient({ name: 'Lemonade', baseUrl, key: apiKey, limits, toFault: lemonadeFault })
  const files = createLemonadeFiles(http)
  const listeners = createListeners()
  /** alias → the name of the model */
  let aliases: ReadonlyMap<string, string> = new Map()

  const health = (signal: AbortSignal) => http.json({ path: '/v1/health' }, Health, signal)
  const item = (key: string, signal: AbortSignal) =>
    http.json({ path: `/v1/models/${encodeURIComponent(key)}` }, ListedModel, signal)
  const find = async (key: string, signal: AbortSignal): Promise<ListedModel | null> => {
    try {
      return await item(key, signal)
    } catch (error) {
      if (error instanceof AppError && error.code === 'MODEL_NOT_FOUND') return null
      throw error
    }
  }
  const list = (signal: AbortSignal) => listModelsAs(http, '/v1/models', ListedModel, signal)

  const lookUpAliases = async (signal: AbortSignal): Promise<void> => {
    try {
      const answer = await http.json({ path: '/internal/aliases' }, Aliases, signal)
      aliases = new Map(answer.aliases.map(({ alias, target }) => [alias, target]))
    } catch (error) {
      // it may want a key of its own, and older versions have none; who cannot be reached is seen by the list
      if (error instanceof AppError && error.code === 'CANCELLED') throw error
    }
  }

  const loads = createLemonadeLoads({
    http,
    files,
    item,
    loaded: async (signal) => (await health(signal)).all_models_loaded,
    targetOf: (key) => aliases.get(key) ?? key,
    aliasesOf: (target) => [...aliases].flatMap(([alias, each]) => (each === target ? [alias] : [])),
    changed: () => listeners.tell('instances'),
    isLocal,
    now,
    loadMs,
    unloadMs,
  })
  const pull = createLemonadePull({ http, find, idleMs: pullIdleMs })
  const contextOf = (model: ListedModel) => ({
    files: files.of(model),
    target: aliases.get(model.id) ?? null,
    isLocal,
  })

  /** What Lemonade would unload first and refuse then, is refused here. */
  const removable = async (key: string, signal: AbortSignal): Promise<ListedModel> => {
    const model = await item(key, signal)
    const why = whyNotRemovable(model, { target: aliases.get(key) ?? null, isLocal })
    if (why !== null) throw new AppError('VERB_NOT_SUPPORTED', why)
    return model
  }

  const removal = async (key: string, signal: AbortSignal): Promise<ProviderRemoval> => {
    const model = await removable(key, signal)
    const twins = (await list(signal)).filter(
      ({ id: other, checkpoint }) => other !== key && !aliases.has(other) && checkpoint === model.checkpoint,
    )
    return {
      freedBytes: sizeOf(await files.ask(model, signal)),
      sharedWith: [],
      alsoRemoved: twins.map((twin) => twin.id),
      notes: [],
    }
  }

  return {
    id,
    kind: 'lemonade',
    name,
    address,
    cannot,
    ignoredOptions: {},

    async status(signal) {
      const startedAt = performance.now()
      try {
        // without the prefix everything is answered 200 with the web page
        const { version } = await health(signal)
        return { version, latencyMs: performance.now() - startedAt }
      } catch (error) {
        throw asWrongKind(error, 'Lemonade', address)
      }
    },

    async models(signal) {
      const [models] = await Promise.all([list(signal), lookUpAliases(signal)])
      const here = models.filter(({ downloaded }) => downloaded !== false)
      await files.lookUp(here, signal)
      return here.map((model) => toProviderModel(model, contextOf(model)))
    },

    async details(key, signal) {
      const model = await item(key, signal)
      const asked = await files.ask(model, signal)
      return toDetails(model, { ...contextOf(model), files: asked })
    },

    instances: loads.instances,
    load: loads.load,
    unload: (key, _instance, signal) => loads.unload(key, signal),

    async keepAlive(key, keepAlive, signal) {
      if (keepAlive !== 'forever')
        throw new AppError('VERB_NOT_SUPPORTED', 'Lemonade takes an idle time only together with a load.', {
          advice: 'Unload it, and load it with that time.',
        })
      const call = { path: '/internal/pin', body: { model_name: key, pinned: true } }
      await http.json(call, Done, signal).catch((error: unknown) => {
        if (!isNotLoaded(error)) throw error
        throw new AppError('MODEL_NOT_LOADED', `${key} is not loaded.`, { cause: error })
      })
    },

    chat(key, request, signal) {
      const idleMs = limits?.idleMs ?? 5 * 60_000
      const chat = { path: '/v1/chat/completions', model: key, request, firstTokenMs: loadMs, idleMs }
      return chatWithOpenAi(http, chat, signal)
    },
    /** It hands bodies on as they are, to llama-server where the recipe says so. */
    async wire(key, { exact, ...request }, signal) {
      const extra = exact && (await item(key, signal)).recipe === 'llamacpp' ? exactLlama : {}
      return wireOfOpenAi(http, { path: '/v1/chat/completions', model: key, request, extra })
    },
    embed: (key, input, signal) =>
      embedWithOpenAi(http, { path: '/v1/embeddings', model: key, input, answerMs: loadMs }, signal),

    pull,
    removal,
    async remove(key, signal) {
      const { id: known } = await removable(key, signal)
      const call = { path: '/v1/delete', body: { model_name: known }, limits: { answerMs: unloadMs } }
      await http.json(call, Done, signal)
    },

    facts: (signal) => lemonadeFacts(http, signal),

    onChange: listeners.onChange,
    async close() {
      loads.close()
      await http.close()
    },
  } satisfies Provider
}
