import type { LoadOptions } from '../../../shared/contract/models.ts'
import type { Verb } from '../../../shared/contract/providers.ts'
import { AppError } from '../../lib/appError.ts'
import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { chatWithOpenAi, wireOfOpenAi } from '../openai/openAiChat.ts'
import { embedWithOpenAi } from '../openai/openAiEmbed.ts'
import { asWrongKind } from '../openai/openAiFault.ts'
import { listModelsAs } from '../openai/openAiModels.ts'
import { exactLlama } from '../parts/llamaFlags.ts'
import { refuseIgnored } from '../parts/options.ts'
import { inTime, untilAnswered } from '../parts/waiting.ts'
import type { Provider, ProviderConfig, ProviderInstance } from '../provider.ts'
import { isLlamaServer } from './llamaSwapCommand.ts'
import { readFacts } from './llamaSwapFacts.ts'
import { llamaSwapFault } from './llamaSwapFault.ts'
import { pathOf, toDetails, toInstance, toProviderModel } from './llamaSwapModel.ts'
import { type Running, RunningList, SwapModel, Version } from './llamaSwapSchemas.ts'

export interface LlamaSwapLimits extends HttpLimits {
  /** of a load, and of waiting for one before an answer: minutes are normal */
  readonly loadMs: number
  /** it kills a process that does not end within its `unloadTimeout`, 10 s unless told otherwise */
  readonly unloadMs: number
}
export type LlamaSwapProviderDeps = ProviderConfig & { readonly limits?: Partial<LlamaSwapLimits> }

const cleanUpMs = 15_000

/** llama-swap starts the server of a model when it is asked for, and ends it after some time. */
export const createLlamaSwapProvider = (deps: LlamaSwapProviderDeps) => {
  const { id, name, address, apiKey, limits } = deps
  const { loadMs = 30 * 60_000, unloadMs = 60_000, idleMs = 5 * 60_000 } = limits ?? {}
  const http = createHttpClient({ name: 'llama-swap', baseUrl: address, key: apiKey, limits, toFault: llamaSwapFault })
  /** by model, as last seen running: its file is told only then */
  const paths = new Map<string, string>()

  const list = (signal: AbortSignal) => listModelsAs(http, '/v1/models', SwapModel, signal)
  const running = async (signal: AbortSignal): Promise<readonly Running[]> => {
    const all = (await http.json({ path: '/running' }, RunningList, signal)).running ?? []
    for (const each of all) {
      const path = pathOf(each, address)
      if (path !== null) paths.set(each.model, path)
    }
    return all
  }
  const instanceOf = async (key: string, signal: AbortSignal): Promise<ProviderInstance | null> => {
    const found = (await running(signal)).find(({ model }) => model === key)
    return found ? toInstance(found) : null
  }

  const load: NonNullable<Provider['load']> = async (key, options, report, signal) => {
    refuseIgnored(options, ignoredOptions)
    const path = `/upstream/${pathSegments(key)}/`
    report(null)
    const before = await instanceOf(key, signal)
    if (before?.state === 'loaded') return before
    try {
      await visit(path, signal)
      const loaded = await instanceOf(key, signal)
      if (loaded?.state === 'loaded') return loaded
      throw new AppError('LOAD_FAILED', `llama-swap answered, and does not say that ${key} runs.`, { advice: seeLog })
    } catch (error) {
      // a load that somebody else began is theirs
      if (signal.aborted && before === null) await undoLoad(key)
      throw error
    }
  }

  /**
   * Asks the model's own server for its page, which waits until it runs. What that server answers does not matter, so only
   * what llama-swap says itself, and no answer at all, are failures.
   */
  const visit = async (path: string, signal: AbortSignal): Promise<void> => {
    try {
      await http.whole({ path, limits: { answerMs: loadMs, maxBodyBytes: 65_536 } }, signal)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const passing = error.code === 'PROVIDER_BAD_ANSWER' || error.details?.own === false
      if (passing) return
      const status = Number(error.details?.status)
      if (error.code !== 'PROVIDER_ERROR' || status < 500) throw error
      throw new AppError('LOAD_FAILED', `llama-swap could not start it: ${error.details?.providerMessage}`, {
        advice: seeLog,
        cause: error,
      })
    }
  }

  /** It goes on starting what nobody waits for any more. */
  const undoLoad = (key: string): Promise<void> =>
    end(key, AbortSignal.timeout(cleanUpMs)).catch(() => {
      // the caller cancelled and hears so; a server that cannot be asked any more shows as unreachable by itself
    })

  const end = async (key: string, signal: AbortSignal): Promise<void> => {
    const path = `/api/models/unload/${pathSegments(key)}`
    await http.whole({ path, method: 'POST', limits: { answerMs: unloadMs } }, signal)
    await untilAnswered(async () => ((await instanceOf(key, signal)) === null ? true : undefined), signal)
  }

  const unload: NonNullable<Provider['unload']> = async (key, _instance, signal) => {
    const words = `llama-swap still runs ${key} after ${unloadMs / 1000} s.`
    await inTime({ ms: unloadMs, words }, signal, (either) => end(key, either))
  }

  return {
    id,
    kind: 'llama-swap',
    name,
    address,
    cannot,
    ignoredOptions,
    async status(signal) {
      const startedAt = performance.now()
      try {
        const { version } = await http.json({ path: '/api/version' }, Version, signal)
        return { version, latencyMs: performance.now() - startedAt }
      } catch (error) {
        throw asWrongKind(error, 'a llama-swap', address)
      }
    },
    async models(signal) {
      const [models] = await Promise.all([list(signal), running(signal)])
      const known = new Set(models.map(({ id }) => id))
      for (const key of paths.keys()) if (!known.has(key)) paths.delete(key)
      return models.map((model) => toProviderModel(model, paths.get(model.id) ?? null))
    },
    async details(key, signal) {
      const [models, all] = await Promise.all([list(signal), running(signal)])
      const model = models.find(({ id }) => id === key)
      if (!model) throw new AppError('MODEL_NOT_FOUND', `llama-swap does not list ${key}.`)
      return toDetails(model, all.find(({ model }) => model === key) ?? null, paths.get(key) ?? null)
    },
    instances: async (signal) => (await running(signal)).map(toInstance).filter((instance) => instance !== null),
    load,
    unload,
    chat: (key, request, signal) =>
      chatWithOpenAi(http, { path: '/v1/chat/completions', model: key, request, firstTokenMs: loadMs, idleMs }, signal),
    /** What the server behind it understands depends on what that is. */
    async wire(key, { exact, ...request }, signal) {
      const command = exact ? (await running(signal)).find(({ model }) => model === key)?.cmd : null
      const extra = isLlamaServer(command ?? null) ? exactLlama : {}
      return wireOfOpenAi(http, { path: '/v1/chat/completions', model: key, request, extra })
    },
    embed: (key, input, signal) =>
      embedWithOpenAi(http, { path: '/v1/embeddings', model: key, input, answerMs: loadMs }, signal),
    facts: (signal) => readFacts(http, signal),
    close: () => http.close(),
  } satisfies Provider
}

const seeLog = 'The log of llama-swap has what its server said; look at the command in its config file.'

const cannot: Readonly<Partial<Record<Verb, string>>> = {
  keepAlive: 'llama-swap has the time after which an unused model is unloaded in its config file: ttl.',
  pull: 'llama-swap downloads nothing: its config file says how each model is started.',
  push: 'llama-swap publishes no models.',
  create: 'llama-swap takes its models from its config file, which no call changes.',
  copy: 'llama-swap takes the names of its models from its config file: another name is an alias there.',
  remove: 'llama-swap takes its models from its config file: take one out there.',
  adapters: 'llama-swap does not tell the adapters of the servers it starts: they stand in the command of a model.',
}

const inConfig = (what: string): string =>
  `llama-swap takes ${what} from its config file: it stands in the cmd of the model.`
const ignoredOptions: Readonly<Record<keyof LoadOptions, string>> = {
  contextLength: inConfig('the context length'),
  gpuLayers: inConfig('the layers on the GPU'),
  threads: inConfig('the number of threads'),
  batchSize: inConfig('the batch size'),
  flashAttention: inConfig('flash attention'),
  kvCacheType: inConfig('the type of the KV cache'),
  mmap: inConfig('how files are read'),
  keepAlive: 'llama-swap takes the time after which an unused model is unloaded from its config file: ttl.',
}

/** Names contain `/` and `:`. One that would lead to another path of the server is no name of a model. */
const pathSegments = (key: string): string => {
  const segments = key.split('/')
  if (segments.some((segment) => segment === '' || /^\.{1,2}$/.test(segment)))
    throw new AppError(
      'MODEL_NOT_LOADABLE',
      `llama-swap cannot be asked for a model of this name: ${key.slice(0, 100)}`,
      {
        advice: 'Give it another name in its config file.',
      },
    )
  return segments.map(encodeURIComponent).join('/')
}
