import type { FactGroup } from '../../../shared/contract/checks.ts'
import { AppError } from '../../lib/appError.ts'
import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { group } from '../parts/facts.ts'
import type { Provider, ProviderConfig } from '../provider.ts'
import { isPublic, prefixesFor } from './openAiAddress.ts'
import { chatWithOpenAi, wireOfOpenAi } from './openAiChat.ts'
import { commonDialect, type Dialect, learn, spokenIn } from './openAiDialect.ts'
import { embedWithOpenAi } from './openAiEmbed.ts'
import { asWrongKind, openAiFault } from './openAiFault.ts'
import { toProviderDetails, toProviderModel } from './openAiModel.ts'
import { listOpenAiModels, type OpenAiModel } from './openAiModels.ts'
import { cannot, ignoredOptions, kindByOwner } from './openAiWords.ts'

export interface OpenAiLimits extends HttpLimits {
  /** a gateway may have to load the model first, and a long prompt takes minutes to read */
  readonly firstTokenMs: number
}
export type OpenAiProviderDeps = ProviderConfig & { readonly limits?: Partial<OpenAiLimits> }

/** The list with which a server proved what it is need not be asked for again by what follows at once. */
const sameLookMs = 1_500

/** Any server with OpenAI's routes: a list of models that answer when asked. */
export const createOpenAiProvider = (deps: OpenAiProviderDeps) => {
  const { id, name, address, apiKey, now, limits } = deps
  const { firstTokenMs = 10 * 60_000, idleMs = 2 * 60_000 } = limits ?? {}
  const http = createHttpClient({ name, baseUrl: address, key: apiKey, limits, toFault: openAiFault(name) })
  const outside = isPublic(address)
  /** what stands before `/models`, once it is known */
  let prefix: string | null = null
  let seen: { readonly list: readonly OpenAiModel[]; readonly at: number } | null = null
  const dialects = new Map<string, Dialect>()

  /** @throws AppError PROVIDER_WRONG_KIND when there is a server and no such list anywhere */
  const list = async (signal: AbortSignal): Promise<readonly OpenAiModel[]> => {
    let first: unknown = null
    for (const candidate of prefix === null ? prefixesFor(address) : [prefix]) {
      try {
        const models = await listOpenAiModels(http, `${candidate}/models`, signal)
        prefix = candidate
        return models
      } catch (error) {
        const meant = asWrongKind(error, 'an OpenAI-compatible server', address)
        if (meant === error) throw error
        first ??= meant
      }
    }
    prefix = null // it may be another server tomorrow
    throw first
  }

  const below = async (path: string, signal: AbortSignal): Promise<string> => {
    if (prefix === null) await list(signal)
    return prefix + path
  }

  const find = async (key: string, signal: AbortSignal): Promise<OpenAiModel> => {
    const found = (await list(signal)).find(({ id }) => id === key)
    if (!found) throw new AppError('MODEL_NOT_FOUND', `${name} does not list ${key}.`)
    return found
  }

  const chat: NonNullable<Provider['chat']> = async function* (key, request, signal) {
    const path = await below('/chat/completions', signal)
    for (let begun = false; ; ) {
      const dialect = dialects.get(key) ?? commonDialect
      try {
        const extra = spokenIn(dialect, request)
        for await (const chunk of chatWithOpenAi(
          http,
          { path, model: key, request, extra, firstTokenMs, idleMs },
          signal,
        )) {
          begun = true
          yield chunk
        }
        return
      } catch (error) {
        const other = begun ? null : learn(error, dialect)
        if (other === null) throw error
        dialects.set(key, other)
      }
    }
  }

  const facts = async (signal: AbortSignal): Promise<readonly FactGroup[]> => {
    const models = await list(signal)
    const owners = [...new Set(models.flatMap(({ owned_by }) => owned_by || []))].slice(0, 20)
    const known = owners.map((owner) => kindByOwner.get(owner)).find((each) => each !== undefined)
    return [
      group('Server', `GET ${prefix}/models`, [
        ['Routes begin with', `${new URL(address).pathname.replace(/\/$/, '')}${prefix}` || '/'],
        ['Models', models.length],
        ['Owned by', owners.join(', ')],
        ['Looks like', known && `${known}; connected as that kind, Berth can do more with it`],
      ]),
    ]
  }

  return {
    id,
    kind: 'openai',
    name,
    address,
    cannot: cannot(name),
    ignoredOptions: ignoredOptions(name),
    async status(signal) {
      const startedAt = performance.now()
      const models = await list(signal)
      const at = performance.now()
      seen = { list: models, at }
      return { version: null, latencyMs: at - startedAt }
    },
    async models(signal) {
      const known = seen
      seen = null
      const fresh = known !== null && performance.now() - known.at < sameLookMs
      const models = fresh ? known.list : await list(signal)
      return models.map((model) => toProviderModel(model, now(), outside))
    },
    async details(key, signal) {
      const found = await find(key, signal)
      return toProviderDetails(found, `GET ${prefix}/models`, now())
    },
    instances: async () => [], // the server does not tell what it has loaded
    chat,
    /** In the dialect that the last chat found to be understood. */
    async wire(key, request, signal) {
      const path = await below('/chat/completions', signal)
      return wireOfOpenAi(http, {
        path,
        model: key,
        request,
        extra: spokenIn(dialects.get(key) ?? commonDialect, request),
      })
    },
    async embed(key, input, signal) {
      const path = await below('/embeddings', signal)
      return embedWithOpenAi(http, { path, model: key, input, answerMs: limits?.answerMs }, signal)
    },
    facts,
    close: () => http.close(),
  } satisfies Provider
}
