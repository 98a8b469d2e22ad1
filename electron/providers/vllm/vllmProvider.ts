import { z } from 'zod'
import type { FactGroup } from '../../../shared/contract/checks.ts'
import { AppError } from '../../lib/appError.ts'
import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { chatWithOpenAi, wireOfOpenAi } from '../openai/openAiChat.ts'
import { embedWithOpenAi } from '../openai/openAiEmbed.ts'
import { asWrongKind } from '../openai/openAiFault.ts'
import { listOpenAiModels, type OpenAiModel } from '../openai/openAiModels.ts'
import { group } from '../parts/facts.ts'
import { createListeners } from '../parts/listeners.ts'
import { refuseIgnored } from '../parts/options.ts'
import type { Provider, ProviderConfig, ProviderInstance } from '../provider.ts'
import { createVllmAdapters } from './vllmAdapters.ts'
import { isMissingRoute, sleepOff, vllmFault } from './vllmFault.ts'
import { metricsGroups, readVllmMetrics, type VllmFigures } from './vllmMetrics.ts'
import { ignoredOptions, isAdapter, toDetails, toInstance, toProviderModel } from './vllmModel.ts'
import { createVllmSleep } from './vllmSleep.ts'

export interface VllmLimits extends HttpLimits {
  /** until the first token, and of embeddings: a long prompt takes its time */
  readonly firstTokenMs: number
  /** of waking, going to sleep and reading an adapter */
  readonly changeMs: number
  /** how long requests may hold up an unload */
  readonly unloadMs: number
}
export type VllmProviderDeps = ProviderConfig & { readonly limits?: Partial<VllmLimits> }

const Version = z.object({ version: z.string().min(1).max(100) })
const TokenCount = z.object({ count: z.int().min(0) })
const oneServer = 'vLLM serves the one model it was started with'
const cannot: Provider['cannot'] = {
  keepAlive: 'vLLM holds its model for as long as it runs; unload it to put it to sleep.',
  pull: `${oneServer}, and downloads it when it starts: vllm serve NAME.`,
  push: 'vLLM uploads nothing.',
  create: `${oneServer}; give it the folder or name of another when you start it.`,
  copy: `${oneServer}; --served-model-name gives it more names when it starts.`,
  remove: `${oneServer}; its files are in the Hugging Face cache of the server’s machine.`,
}

export const createVllmProvider = (deps: VllmProviderDeps) => {
  const { id, name, address, apiKey, limits } = deps
  const { firstTokenMs = 10 * 60_000, changeMs = 10 * 60_000, unloadMs = 45_000 } = limits ?? {}
  const http = createHttpClient({ name: 'vLLM', baseUrl: address, key: apiKey, limits, toFault: vllmFault })
  const listeners = createListeners()
  let pending: 'loading' | 'unloading' | null = null

  const list = (signal: AbortSignal) => listOpenAiModels(http, '/v1/models', signal)
  const find = async (key: string, signal: AbortSignal) => {
    const models = await list(signal)
    const model = models.find((each) => each.id === key)
    if (model === undefined) throw new AppError('MODEL_NOT_FOUND', `vLLM does not serve a model ${key}.`)
    return { model, models }
  }

  const figures = async (signal: AbortSignal): Promise<VllmFigures | null> => {
    try {
      return readVllmMetrics((await http.whole({ path: '/metrics' }, signal)).text)
    } catch (error) {
      // figures that are not there must not hide what runs; a server that is gone must be seen
      if (error instanceof AppError && toleratedCodes.has(error.code)) return null
      throw error
    }
  }
  const sleep = createVllmSleep({ http, figures, changeMs, idleMs: unloadMs })
  const adapters = createVllmAdapters({ http, list, changeMs })

  /** One change at a time, of the whole server: it has one model. */
  const during = async <T>(state: 'loading' | 'unloading', action: () => Promise<T>): Promise<T> => {
    if (pending !== null) throw new AppError('BUSY', `vLLM is already ${pending} its model.`)
    pending = state
    listeners.tell('instances')
    try {
      return await action()
    } finally {
      pending = null
      listeners.tell('instances')
    }
  }

  const baseOf = async (key: string, signal: AbortSignal) => {
    const found = await find(key, signal)
    if (isAdapter(found.model))
      throw new AppError('VERB_NOT_SUPPORTED', `${key} is an adapter: it comes and goes with ${found.model.parent}.`)
    return found
  }

  const checkAwake = async (signal: AbortSignal): Promise<void> => {
    if (await sleep.isSleeping(signal))
      throw new AppError('MODEL_NOT_LOADED', 'vLLM sleeps: a request would wait until somebody wakes it.')
  }

  return {
    id,
    kind: 'vllm',
    name,
    address,
    cannot,
    ignoredOptions,

    async status(signal) {
      try {
        // first: it tells the kind, and is the only one of the three that looks at the key
        const models = await list(signal)
        if (!models.some(({ owned_by }) => owned_by === 'vllm')) throw otherOwner(address, models)
        const startedAt = performance.now()
        const version = await http.json({ path: '/version' }, Version, signal).catch(unlessMissingRoute)
        const latencyMs = performance.now() - startedAt
        await http.whole({ path: '/health' }, signal).catch(toEngineFault)
        return { version: version?.version ?? null, latencyMs }
      } catch (error) {
        throw asWrongKind(error, 'vLLM', address)
      }
    },

    async models(signal) {
      const [models, sleeping] = await Promise.all([list(signal), sleep.isSleeping(signal)])
      return models.map((model) => toProviderModel(model, models, sleeping !== null))
    },

    async details(key, signal) {
      const { model, models } = await find(key, signal)
      return toDetails(model, models)
    },

    async instances(signal): Promise<readonly ProviderInstance[]> {
      const [models, sleeping, now] = await Promise.all([list(signal), sleep.isSleeping(signal), figures(signal)])
      if (sleeping && pending === null) return []
      return models.map((model) => toInstance(model, models, pending ?? 'loaded', now))
    },

    async load(key, options, report, signal) {
      refuseIgnored(options, ignoredOptions)
      const { model, models } = await baseOf(key, signal)
      return during('loading', async () => {
        report(null)
        await sleep.wake(signal)
        return toInstance(model, models, 'loaded', await figures(signal))
      })
    },

    async unload(key, _instance, signal) {
      await baseOf(key, signal)
      return during('unloading', () => sleep.sleep(signal))
    },

    async *chat(key, request, signal) {
      await checkAwake(signal)
      const idleMs = limits?.idleMs ?? 5 * 60_000
      const path = '/v1/chat/completions'
      yield* chatWithOpenAi(http, { path, model: key, request, firstTokenMs, idleMs }, signal)
    },

    async wire(key, { exact, ...request }, signal) {
      await checkAwake(signal)
      const extra = exact ? { ignore_eos: true, min_tokens: request.maxTokens } : {}
      return wireOfOpenAi(http, { path: '/v1/chat/completions', model: key, request, extra })
    },

    async countTokens(model, prompt, signal) {
      const body = { model, prompt, add_special_tokens: false }
      return (await http.json({ path: '/tokenize', body }, TokenCount, signal)).count
    },

    async embed(key, input, signal) {
      await checkAwake(signal)
      try {
        return await embedWithOpenAi(
          http,
          { path: '/v1/embeddings', model: key, input, answerMs: firstTokenMs },
          signal,
        )
      } catch (error) {
        if (!isMissingRoute(error)) throw error
        throw new AppError('VERB_NOT_SUPPORTED', `vLLM was not started to compute embeddings with ${key}.`, {
          advice: 'Start it with an embedding model, or with --runner pooling.',
          cause: error,
        })
      }
    },

    async adapters(key, signal) {
      await baseOf(key, signal)
      return adapters.list(key, signal)
    },
    async changeAdapter(key, change, signal) {
      await baseOf(key, signal)
      return adapters.change(key, change, signal)
    },

    async facts(signal): Promise<readonly FactGroup[]> {
      const [now, sleeping] = await Promise.all([figures(signal), sleep.isSleeping(signal)])
      const mode = sleeping === null ? sleepOff : sleeping ? 'asleep' : 'awake'
      const groups = now === null ? [] : metricsGroups(now)
      const none = groups.length === 0 ? 'none: vLLM gives them unless it is started with --disable-log-stats' : null
      return [
        group('Server', '/is_sleeping', [['Sleep mode', mode]]),
        ...(none === null ? [] : [group('Figures', '/metrics', [['Figures', none]])]),
        ...groups,
      ]
    },

    onChange: listeners.onChange,
    close: () => http.close(),
  } satisfies Provider
}

const toleratedCodes: ReadonlySet<string> = new Set([
  'PROVIDER_ERROR',
  'PROVIDER_BAD_ANSWER',
  'PROVIDER_KEY_REJECTED',
  'MODEL_NOT_FOUND',
  'VERB_NOT_SUPPORTED',
])

const otherOwner = (address: string, models: readonly OpenAiModel[]): AppError => {
  const owner = models[0]?.owned_by
  return new AppError(
    'PROVIDER_WRONG_KIND',
    `What answers at ${address} is not vLLM: ${owner ? `its models are of “${owner}”` : 'it lists no model of vLLM’s'}.`,
  )
}

/** For a promise's catch. */
const unlessMissingRoute = (error: unknown): null => {
  if (isMissingRoute(error)) return null
  throw error
}

/** Its web server outlives its engine. */
const toEngineFault = (error: unknown): never => {
  if (error instanceof AppError && error.code === 'PROVIDER_BUSY')
    throw new AppError('PROVIDER_ERROR', 'vLLM answers, but its engine has ended.', {
      advice: 'Restart vLLM; its log says why the engine ended.',
      details: { status: 503 },
      cause: error,
    })
  throw error
}
