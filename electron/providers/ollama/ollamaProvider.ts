import { setTimeout as delay } from 'node:timers/promises'
import type { z } from 'zod'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import type { Provider, ProviderConfig, ProviderInstance } from '../provider.ts'
import { chatWithOllama } from './ollamaChat.ts'
import { toProviderDetails, weightsPaths } from './ollamaDetails.ts'
import { ollamaFault } from './ollamaFaults.ts'
import { comparable, toInstance, toRequestOptions } from './ollamaInstance.ts'
import { isGuess, type Shown, toProviderModel, toShownFacts } from './ollamaModel.ts'
import { LoadAnswer, type Running, RunningList, Show, type Tag, Tags, Version } from './ollamaSchemas.ts'

export interface OllamaLimits extends HttpLimits {
  /** of a load, of waiting for a free place, and of reading a prompt: minutes are normal */
  readonly loadMs: number
  /** until an unload that a running request holds up is given up */
  readonly unloadMs: number
}

export type OllamaProviderDeps = ProviderConfig & { readonly limits?: Partial<OllamaLimits> }

/** `owner`: the name under which Ollama lists the runner, another one when two names share their weights. */
type Loaded = {
  readonly key: string
  readonly owner: string
  readonly options: LoadOptions
  readonly contextLength: number | null
  readonly loadedAt: number
}
type Pending = { readonly key: string; readonly state: 'loading' | 'unloading'; readonly options: LoadOptions }

const showsAtOnce = 4
const cleanUpMs = 5_000
const pollMs = { first: 50, most: 1_000 }

export const createOllamaProvider = (deps: OllamaProviderDeps) => {
  const { id, name, address, key: token, now, limits } = deps
  const { loadMs = 30 * 60_000, unloadMs = 60_000 } = limits ?? {}
  const http = createHttpClient({ name: 'Ollama', baseUrl: address, key: token, limits, toFault: ollamaFault })

  // All by comparable name.
  const pending = new Map<string, Pending>()
  const loaded = new Map<string, Loaded>()
  const lastPrompts = new Map<string, string>()
  /** by digest, so a model that was made anew is asked for again */
  const shownByDigest = new Map<string, Shown>()
  const listeners = new Set<(what: 'models' | 'instances') => void>()
  const instancesChanged = () => {
    for (const listener of listeners) listener('instances')
  }

  const post = <T>(path: string, body: object, schema: z.ZodType<T>, signal: AbortSignal, answerMs?: number) =>
    http.json({ path, body, ...(answerMs !== undefined && { limits: { answerMs } }) }, schema, signal)
  const show = (key: string, signal: AbortSignal) => post('/api/show', { model: key }, Show, signal)
  const running = async (signal: AbortSignal): Promise<readonly Running[]> =>
    (await http.json({ path: '/api/ps' }, RunningList, signal)).models ?? []
  const find = (list: readonly Running[], key: string) =>
    list.find((entry) => comparable(entry.name) === comparable(key))

  const shownOf = async (tag: Tag, signal: AbortSignal): Promise<Shown> => {
    const known = tag.digest === null ? undefined : shownByDigest.get(tag.digest)
    if (known !== undefined) return known
    if (!isGuess(tag)) return null
    try {
      const facts = toShownFacts(await show(tag.name, signal))
      if (tag.digest !== null) shownByDigest.set(tag.digest, facts)
      return facts
    } catch (error) {
      if (error instanceof AppError && error.code === 'MODEL_NOT_FOUND') return 'gone'
      // one model that cannot be described must not hide the others; a server that is gone must be seen
      if (error instanceof AppError && ['PROVIDER_ERROR', 'PROVIDER_BAD_ANSWER'].includes(error.code)) return null
      throw error
    }
  }

  const models = async (signal: AbortSignal) => {
    const tags = (await http.json({ path: '/api/tags' }, Tags, signal)).models ?? []
    const digests = new Set(tags.map(({ digest }) => digest))
    for (const digest of shownByDigest.keys()) if (!digests.has(digest)) shownByDigest.delete(digest)
    return mapAtMost(showsAtOnce, tags, async (tag) => toProviderModel(tag, await shownOf(tag, signal)))
  }

  /** What we know of loads of ours holds as long as Ollama lists their runner with the context we got. */
  const forgetEnded = (list: readonly Running[]) => {
    for (const [at, { owner, contextLength }] of loaded) {
      const entry = find(list, owner)
      if (!pending.has(at) && entry?.context_length !== contextLength) loaded.delete(at)
    }
  }

  const instances = async (signal: AbortSignal): Promise<readonly ProviderInstance[]> => {
    const list = await running(signal)
    forgetEnded(list)
    const known = (at: string) => {
      const ours = loaded.get(at)
      const { state, options } = pending.get(at) ?? { state: 'loaded' as const, options: ours?.options ?? {} }
      return { state, options, loadedAt: ours?.loadedAt ?? null }
    }
    const listed = new Set(list.map((entry) => comparable(entry.name)))
    const others = new Map<string, { key: string }>([...loaded, ...pending].filter(([at]) => !listed.has(at)))
    return [
      ...list.map((entry) => toInstance(entry.name, entry, known(comparable(entry.name)), now())),
      // on its way in, or served by the runner of another name, whose memory must not be counted twice
      ...[...others].map(([at, { key }]) => toInstance(key, null, known(at), now())),
    ]
  }

  /** How Ollama lists what was loaded as `key`: by itself, or under a name with the same weights. */
  const ownerOf = async (key: string, shown: Show, signal: AbortSignal): Promise<Running | null> => {
    const list = await running(signal)
    const own = find(list, key)
    if (own !== undefined) return own
    const weights = weightsPaths(shown).join()
    for (const entry of weights === '' ? [] : list) {
      const other = await show(entry.name, signal).catch(unlessMissing)
      if (other !== null && weightsPaths(other).join() === weights) return entry
    }
    return null
  }

  const load: Provider['load'] = (key, options, report, signal) =>
    during({ key, state: 'loading', options }, async () => {
      const request = toRequestOptions(options)
      report(null)
      const wasLoaded = find(await running(signal), key) !== undefined
      try {
        const shown = await show(key, signal)
        const embeds = shown.capabilities?.includes('embedding') === true && !shown.capabilities.includes('completion')
        if (embeds) await post('/api/embed', { model: key, input: [], ...request }, LoadAnswer, signal, loadMs)
        else await post('/api/generate', { model: key, stream: false, ...request }, LoadAnswer, signal, loadMs)
        const entry = await ownerOf(key, shown, signal)
        const record = { key, owner: entry?.name ?? key, options, contextLength: entry?.context_length ?? null }
        const loadedAt = now()
        if (entry !== null) loaded.set(comparable(key), { ...record, loadedAt })
        lastPrompts.delete(comparable(key))
        // the memory of a runner stands at the name that Ollama lists it under, once
        const listed = entry !== null && comparable(entry.name) === comparable(key) ? entry : null
        return toInstance(key, listed, { state: 'loaded', options, loadedAt }, now())
      } catch (error) {
        if (signal.aborted && !wasLoaded) await undoLoad(key)
        throw error
      }
    })

  /** The load may have ended in the moment it was cancelled: Ollama then keeps it. */
  const undoLoad = async (key: string) => {
    const signal = AbortSignal.timeout(cleanUpMs)
    try {
      if (find(await running(signal), key) !== undefined) await requestUnload(key, signal)
    } catch {
      // the caller cancelled and hears so; a server that cannot be asked any more shows as unreachable by itself
    }
  }

  const requestUnload = (key: string, signal: AbortSignal) =>
    post('/api/generate', { model: key, stream: false, keep_alive: 0 }, LoadAnswer, signal)

  const unload: Provider['unload'] = (key, _instance, signal) =>
    during({ key, state: 'unloading', options: loaded.get(comparable(key))?.options ?? {} }, async () => {
      const owner = loaded.get(comparable(key))?.owner ?? key
      await requestUnload(key, signal)
      const deadline = AbortSignal.timeout(unloadMs)
      const either = AbortSignal.any([signal, deadline])
      try {
        for (let wait = pollMs.first; find(await running(either), owner) !== undefined; wait *= 1.5)
          await delay(Math.min(wait, pollMs.most), undefined, { signal: either })
      } catch (error) {
        if (signal.aborted) throw new AppError('CANCELLED', 'Waiting for the unload was cancelled.', { cause: error })
        if (deadline.aborted)
          throw new AppError('PROVIDER_TIMEOUT', `Ollama still holds ${key} after ${unloadMs / 1000} s.`, {
            advice: 'A request still uses it; it leaves when that request ends.',
            cause: error,
          })
        throw error
      }
      loaded.delete(comparable(key))
    })

  /** One change of a model at a time, seen by `instances` while it lasts. */
  const during = async <T>(change: Pending, action: () => Promise<T>): Promise<T> => {
    const at = comparable(change.key)
    const other = pending.get(at)
    if (other !== undefined) throw new AppError('BUSY', `Ollama is already ${other.state} ${change.key}.`)
    pending.set(at, change)
    instancesChanged()
    try {
      return await action()
    } finally {
      pending.delete(at)
      instancesChanged()
    }
  }

  /**
   * Fields of the request that loaded it. What somebody else loaded shows only its context; asking for another one would
   * load it anew.
   */
  const runnerOf = async (key: string, signal: AbortSignal) => {
    const list = await running(signal)
    forgetEnded(list)
    const ours = loaded.get(comparable(key))
    if (ours !== undefined) return toRequestOptions(ours.options)
    const contextLength = find(list, key)?.context_length ?? null
    return toRequestOptions(contextLength === null ? {} : { contextLength })
  }

  const chat: Provider['chat'] = async function* (key, request, signal) {
    const runner = await runnerOf(key, signal)
    const beginning = JSON.stringify(request.messages[0]).slice(0, 200)
    const promptMayBeCached = lastPrompts.get(comparable(key)) === beginning
    lastPrompts.set(comparable(key), beginning)
    const idleMs = limits?.idleMs ?? 5 * 60_000
    yield* chatWithOllama(http, { key, request, runner, promptMayBeCached, firstTokenMs: loadMs, idleMs }, signal)
  }

  return {
    id,
    kind: 'ollama',
    name,
    address,
    cannot: { adapters: 'Ollama takes an adapter when a model is created, not while it runs.' },
    ignoredOptions: {
      kvCacheType: 'Ollama sets the KV cache type for all models: OLLAMA_KV_CACHE_TYPE where it starts.',
      flashAttention: 'Ollama sets flash attention for all models: OLLAMA_FLASH_ATTENTION where it starts.',
    },
    async status(signal) {
      const startedAt = performance.now()
      const { version } = await http.json({ path: '/api/version' }, Version, signal)
      return { version, latencyMs: performance.now() - startedAt }
    },
    models,
    details: async (key, signal) => toProviderDetails(key, await show(key, signal)),
    instances,
    load,
    unload,
    chat,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => http.close(),
  } satisfies Provider
}

/** For a promise's catch: a model that went meanwhile is no failure of what was asked about another. */
const unlessMissing = (error: unknown): null => {
  if (error instanceof AppError && error.code === 'MODEL_NOT_FOUND') return null
  throw error
}

const mapAtMost = async <T, R>(atOnce: number, items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = new Array(items.length)
  const queue = items.entries()
  const work = async () => {
    for (const [index, item] of queue) results[index] = await map(item)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}
