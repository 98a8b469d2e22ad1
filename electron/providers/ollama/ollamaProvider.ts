import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { createListeners } from '../parts/listeners.ts'
import type { Provider, ProviderConfig } from '../provider.ts'
import { isLoopback } from '../providerAddress.ts'
import { createOllamaApi } from './ollamaApi.ts'
import { chatWithOllama, wireOfOllama } from './ollamaChat.ts'
import { copyWithOllama, createWithOllama } from './ollamaCreate.ts'
import { toProviderDetails } from './ollamaDetails.ts'
import { embedWithOllama } from './ollamaEmbed.ts'
import { readOllamaFacts } from './ollamaFacts.ts'
import { ollamaFault } from './ollamaFaults.ts'
import { ignoredOptions } from './ollamaInstance.ts'
import { toProviderModel } from './ollamaModel.ts'
import { comparable } from './ollamaNames.ts'
import { pullWithOllama, pushWithOllama } from './ollamaPull.ts'
import { ollamaRemoval } from './ollamaRemoval.ts'
import { createRunners } from './ollamaRunners.ts'
import type { Running } from './ollamaSchemas.ts'
import { createShownCache } from './ollamaShown.ts'
import { createStatusCheck } from './ollamaStatus.ts'

export interface OllamaLimits extends HttpLimits {
  /** of a load, of waiting for a free place, and of reading a prompt: minutes are normal */
  readonly loadMs: number
  /** until an unload that a running request holds up is given up */
  readonly unloadMs: number
  /** of a pull, push or create without a word: large files are checked and converted in silence */
  readonly quietMs: number
  /** of an upload of which nothing is taken */
  readonly stalledMs: number
}

export type OllamaProviderDeps = ProviderConfig & { readonly limits?: Partial<OllamaLimits> }

export const createOllamaProvider = (deps: OllamaProviderDeps) => {
  const { id, name, address, apiKey, now, limits } = deps
  const { loadMs = 30 * 60_000, unloadMs = 60_000, quietMs = 30 * 60_000, stalledMs = 2 * 60_000 } = limits ?? {}
  const http = createHttpClient({ name: 'Ollama', baseUrl: address, key: apiKey, limits, toFault: ollamaFault })
  const api = createOllamaApi(http)
  const shown = createShownCache(api, now)
  const status = createStatusCheck(http)
  const isLocal = isLoopback(address)

  const listeners = createListeners()

  const trainedContext = async ({ name, digest }: Running, signal: AbortSignal): Promise<number | null> => {
    const tag = (await api.tags(signal)).find((other) => other.name === name && other.digest === digest)
    if (tag === undefined) return null
    const facts = (await shown.lookUp([tag], signal))(tag)
    return facts === null || facts === 'gone' ? null : facts.contextLength
  }
  const onChange = () => listeners.tell('instances')
  const runners = createRunners({ api, now, loadMs, unloadMs, trainedContext, onChange })

  /** The first words of the last prompt, by comparable name: what the server may still have evaluated. */
  const lastPrompts = new Map<string, string>()

  const chat: NonNullable<Provider['chat']> = async function* (key, request, signal) {
    const runner = await runners.runnerOf(key, signal)
    const beginning = JSON.stringify(request.messages[0]).slice(0, 200)
    const promptMayBeCached = lastPrompts.get(comparable(key)) === beginning
    lastPrompts.set(comparable(key), beginning)
    const idleMs = limits?.idleMs ?? 5 * 60_000
    yield* chatWithOllama(http, { key, request, runner, promptMayBeCached, firstTokenMs: loadMs, idleMs }, signal)
  }

  /** For what changes the models: a failed one may have changed them too. */
  const changing = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } finally {
      shown.forgetDoubts()
      listeners.tell('models')
    }
  }

  return {
    id,
    kind: 'ollama',
    name,
    address,
    cannot: {
      adapters: 'Ollama takes an adapter when a model is created, not while it runs.',
    },
    ignoredOptions,
    status,
    models: async (signal) => {
      const tags = await api.tags(signal)
      const shownOf = await shown.lookUpList(tags, signal)
      return tags.map((tag) => toProviderModel(tag, shownOf(tag), isLocal))
    },
    details: async (key, signal) => toProviderDetails(key, await api.show(key, signal)),
    instances: runners.instances,
    load: async (key, options, report, signal) => {
      const instance = await runners.load(key, options, report, signal)
      lastPrompts.delete(comparable(key))
      return instance
    },
    unload: runners.unload,
    keepAlive: runners.keepAlive,
    chat,
    wire: async (key, request, signal) =>
      wireOfOllama(http, { key, request, runner: await runners.runnerOf(key, signal) }),
    embed: async (key, input, signal) =>
      embedWithOllama(api, { key, input, runner: await runners.runnerOf(key, signal) }, loadMs, signal),
    pull: (request, report, signal) => changing(pullWithOllama(api, request, quietMs, report, signal)),
    push: (key, insecure, report, signal) => pushWithOllama(api, { key, insecure }, quietMs, report, signal),
    create: (request, report, signal) =>
      changing(createWithOllama(api, request, { quietMs, stalledMs }, report, signal)),
    copy: (key, to, signal) => changing(copyWithOllama(api, key, to, signal)),
    removal: (key, signal) => ollamaRemoval(api, shown, key, signal),
    remove: (key, signal) =>
      changing(api.order({ method: 'DELETE', path: '/api/delete', body: { model: key } }, signal)),
    facts: (signal) => readOllamaFacts(api, signal),
    onChange: listeners.onChange,
    close: () => http.close(),
  } satisfies Provider
}
