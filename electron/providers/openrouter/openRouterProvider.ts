import type { FactGroup } from '../../../shared/contract/checks.ts'
import { AppError } from '../../lib/appError.ts'
import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { chatWithOpenAi, wireOfOpenAi } from '../openai/openAiChat.ts'
import { embedWithOpenAi } from '../openai/openAiEmbed.ts'
import { asWrongKind } from '../openai/openAiFault.ts'
import { group } from '../parts/facts.ts'
import type { Provider, ProviderConfig } from '../provider.ts'
import { readAccount, readKey } from './openRouterAccount.ts'
import { createCatalog } from './openRouterCatalog.ts'
import { toProviderDetails } from './openRouterDetails.ts'
import { explainFreeLimit, openRouterFault } from './openRouterFault.ts'
import { Count, type Endpoint, EndpointList } from './openRouterSchemas.ts'
import { cannot, ignoredOptions } from './openRouterWords.ts'

export interface OpenRouterLimits extends HttpLimits {
  /** models that think are silent for long, and so are full providers */
  readonly firstTokenMs: number
  /** of the list, which is megabytes */
  readonly listMs: number
}
export type OpenRouterProviderDeps = ProviderConfig & { readonly limits?: Partial<OpenRouterLimits> }

/** Who asks, as OpenRouter counts its apps; an app without a site of its own says localhost and a title. */
const headers = { 'HTTP-Referer': 'http://localhost', 'X-OpenRouter-Title': 'Berth' }

/** OpenRouter: hundreds of models on other people's machines, for money or free. */
export const createOpenRouterProvider = (deps: OpenRouterProviderDeps) => {
  const { id, name, address, apiKey, now, hidePaid, limits } = deps
  const { firstTokenMs = 5 * 60_000, idleMs = 2 * 60_000, listMs = 60_000 } = limits ?? {}
  const toFault = openRouterFault(name, now)
  const http = createHttpClient({ name, baseUrl: baseOf(address), headers, key: apiKey, limits, toFault })
  const catalog = createCatalog({ http, hidePaid, answerMs: listMs, now })
  const isFree = (key: string): boolean =>
    key.endsWith(':free') || (catalog.last()?.models.find((model) => model.key === key)?.price?.free ?? false)
  const explained = (error: unknown, key: string): unknown => (isFree(key) ? explainFreeLimit(error) : error)

  /** Who runs it, or why that is not known: a router of OpenRouter itself has none. */
  const endpointsOf = async (
    key: string,
    signal: AbortSignal,
  ): Promise<{ endpoints: readonly Endpoint[] | null; problem: string | null }> => {
    const path = pathOf(key)
    if (path === null) return { endpoints: null, problem: null }
    try {
      const { data } = await http.json({ path: `/models/${path}/endpoints` }, EndpointList, signal)
      return { endpoints: data.endpoints, problem: null }
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'CANCELLED') throw error
      return { endpoints: null, problem: `Who runs this model is not known: ${error.message}` }
    }
  }

  const facts = async (signal: AbortSignal): Promise<readonly FactGroup[]> => {
    const { items, free, at } = await catalog.get(signal)
    return [
      group('Models', '/models', [
        ['Offered', items.size],
        ['Free', free],
        ['Hidden, because they cost', hidePaid ? items.size - free : null],
        ['List of', new Date(at).toISOString()],
      ]),
    ]
  }

  const chat: NonNullable<Provider['chat']> = async function* (key, request, signal) {
    try {
      yield* chatWithOpenAi(http, { path: '/chat/completions', model: key, request, firstTokenMs, idleMs }, signal)
    } catch (error) {
      throw explained(error, key)
    }
  }

  return {
    id,
    kind: 'openrouter',
    name,
    address,
    cannot,
    ignoredOptions,
    /** The list is public: only a question about the key finds out that it is wrong. */
    async status(signal) {
      const startedAt = performance.now()
      try {
        if (apiKey() === null) await http.json({ path: '/models/count' }, Count, signal)
        else await readKey(http, signal)
      } catch (error) {
        throw asWrongKind(error, 'OpenRouter', address)
      }
      return { version: null, latencyMs: performance.now() - startedAt }
    },
    models: async (signal) => (await catalog.get(signal)).models,
    async details(key, signal) {
      const item = (await catalog.get(signal)).items.get(key)
      if (!item) throw new AppError('MODEL_NOT_FOUND', `${name} does not list ${key}.`)
      const { endpoints, problem } = await endpointsOf(key, signal)
      return toProviderDetails(item, endpoints, problem)
    },
    instances: async () => [], // nothing of it runs where we could see it
    chat,
    wire: async (key, request) => wireOfOpenAi(http, { path: '/chat/completions', model: key, request }),
    async embed(key, input, signal) {
      try {
        return await embedWithOpenAi(
          http,
          { path: '/embeddings', model: key, input, answerMs: limits?.answerMs },
          signal,
        )
      } catch (error) {
        throw explained(error, key)
      }
    },
    facts,
    async account(signal) {
      if (apiKey() !== null) return readAccount(http, signal)
      throw new AppError('PROVIDER_KEY_REJECTED', `${name} tells about an account only with a key.`)
    },
    close: () => http.close(),
  } satisfies Provider
}

/** People give the site; its API is below. */
const baseOf = (address: string): string => {
  const { hostname, pathname, origin } = new URL(address)
  return hostname === 'openrouter.ai' && !/\/v\d+\/?$/.test(pathname) ? `${origin}/api/v1` : address
}

/** `author/slug` as part of a path; null for names that would lead elsewhere. */
const pathOf = (key: string): string | null => {
  const parts = key.split('/')
  if (parts.length !== 2 || parts.some((part) => /^\.*$/.test(part))) return null
  return parts.map((part) => encodeURIComponent(part).replaceAll('%3A', ':')).join('/')
}
