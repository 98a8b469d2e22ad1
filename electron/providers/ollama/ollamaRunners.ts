import { setTimeout as delay } from 'node:timers/promises'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import { createChanges } from '../parts/changes.ts'
import { nullFor } from '../parts/faults.ts'
import { inTime, untilAnswered } from '../parts/waiting.ts'
import type { Provider, ProviderInstance } from '../provider.ts'
import type { OllamaApi } from './ollamaApi.ts'
import { type RunnerRequest, toInstance, toRequestOptions } from './ollamaInstance.ts'
import { weightsPaths } from './ollamaModel.ts'
import { comparable } from './ollamaNames.ts'
import { LoadAnswer, type Running, type Show } from './ollamaSchemas.ts'

export interface RunnersDeps {
  readonly api: OllamaApi
  /** Unix milliseconds */
  readonly now: () => number
  /** of a load, and of waiting for a free place */
  readonly loadMs: number
  /** until an unload that a running request holds up is given up */
  readonly unloadMs: number
  /** tokens the model was trained for; null when unknown */
  readonly trainedContext: (running: Running, signal: AbortSignal) => Promise<number | null>
  readonly onChange: () => void
}

/** `owner`: the name under which Ollama lists the runner, another one when two names share their weights. */
type Loaded = {
  readonly key: string
  readonly owner: string
  readonly options: LoadOptions
  readonly contextLength: number | null
  readonly loadedAt: number
}
type Change = { readonly key: string; readonly state: 'loading' | 'unloading'; readonly options: LoadOptions }

const cleanUpMs = 5_000
/** it takes milliseconds, where it is seen at all */
const movedMs = 1_000
const lookMs = 50

const find = (list: readonly Running[], key: string) => list.find((entry) => comparable(entry.name) === comparable(key))

/** What is loaded, and what we know of it because we loaded it. */
export const createRunners = ({ api, now, loadMs, unloadMs, trainedContext, onChange }: RunnersDeps) => {
  const changes = createChanges<Change>('Ollama', onChange, comparable)
  const { pending, during } = changes
  /** by comparable name */
  const loaded = new Map<string, Loaded>()

  /** What we know of loads of ours holds as long as Ollama lists their runner with the context we got. */
  const forgetEnded = (list: readonly Running[]) => {
    for (const [at, { owner, contextLength }] of loaded) {
      const entry = find(list, owner)
      if (!pending.has(at) && entry?.context_length !== contextLength) loaded.delete(at)
    }
  }

  const instances = async (signal: AbortSignal): Promise<readonly ProviderInstance[]> => {
    const list = await api.running(signal)
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
    const list = await api.running(signal)
    const own = find(list, key)
    if (own !== undefined) return own
    const weights = weightsPaths(shown).join()
    for (const entry of weights === '' ? [] : list) {
      const other = await api.show(entry.name, signal).catch(nullFor('MODEL_NOT_FOUND')) // it went meanwhile
      if (other !== null && weightsPaths(other).join() === weights) return entry
    }
    return null
  }

  /** A request that says nothing: it loads, or only sets what stands in `request`. */
  const touch = (key: string, shown: Show, request: RunnerRequest, signal: AbortSignal) => {
    const embeds = shown.capabilities?.includes('embedding') === true && !shown.capabilities.includes('completion')
    return embeds
      ? api.post('/api/embed', { model: key, input: [], ...request }, LoadAnswer, signal, loadMs)
      : api.post('/api/generate', { model: key, stream: false, ...request }, LoadAnswer, signal, loadMs)
  }

  const load: NonNullable<Provider['load']> = (key, options, report, signal) =>
    during(key, { key, state: 'loading', options }, async () => {
      const request = toRequestOptions(options)
      report(null)
      const wasLoaded = find(await api.running(signal), key) !== undefined
      try {
        const shown = await api.show(key, signal)
        await touch(key, shown, request, signal)
        const entry = await ownerOf(key, shown, signal)
        const record = { key, owner: entry?.name ?? key, options, contextLength: entry?.context_length ?? null }
        const loadedAt = now()
        if (entry !== null) loaded.set(comparable(key), { ...record, loadedAt })
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
      if (find(await api.running(signal), key) !== undefined) await requestUnload(key, signal)
    } catch {
      // the caller cancelled and hears so; a server that cannot be asked any more shows as unreachable by itself
    }
  }

  const requestUnload = (key: string, signal: AbortSignal) =>
    api.post('/api/generate', { model: key, stream: false, keep_alive: 0 }, LoadAnswer, signal)

  const unload: NonNullable<Provider['unload']> = (key, _instance, signal) =>
    during(key, { key, state: 'unloading', options: loaded.get(comparable(key))?.options ?? {} }, async () => {
      const owner = loaded.get(comparable(key))?.owner ?? key
      await requestUnload(key, signal)
      await untilGone(owner, key, signal)
      loaded.delete(comparable(key))
    })

  const untilGone = (owner: string, key: string, signal: AbortSignal): Promise<true> => {
    const words = `Ollama still holds ${key} after ${unloadMs / 1000} s.`
    const advice = 'A request still uses it; it leaves when that request ends.'
    return inTime({ ms: unloadMs, words, advice }, signal, (either) =>
      untilAnswered(async () => (find(await api.running(either), owner) === undefined ? true : undefined), either),
    )
  }

  /**
   * Fields of the request that loaded it: with others, Ollama loads it anew. What somebody else loaded shows only its
   * context; one as long as the model allows was most likely cut to that from Ollama's default, so nothing is asked for.
   */
  const requestOf = async (key: string, list: readonly Running[], signal: AbortSignal): Promise<RunnerRequest> => {
    const ours = loaded.get(comparable(key))
    if (ours !== undefined) return toRequestOptions(ours.options)
    const entry = find(list, key)
    const contextLength = entry?.context_length ?? null
    if (entry === undefined || contextLength === null) return toRequestOptions({})
    return toRequestOptions((await trainedContext(entry, signal)) === contextLength ? {} : { contextLength })
  }

  const keepAlive: NonNullable<Provider['keepAlive']> = async (key, value, signal) => {
    changes.refuseBusy(key)
    const list = await api.running(signal)
    forgetEnded(list)
    const ours = loaded.get(comparable(key))
    // asked of a model that has gone meanwhile, Ollama would load it
    if (ours === undefined && find(list, key) === undefined)
      throw new AppError('MODEL_NOT_LOADED', `${key} is not loaded any more.`)
    const { options } = await requestOf(key, list, signal)
    const wanted = toRequestOptions({ keepAlive: value })
    await touch(key, await api.show(key, signal), { ...wanted, options }, signal)
    await untilMoved(find(list, ours?.owner ?? key), signal)
    // later requests repeat it
    if (ours !== undefined) loaded.set(comparable(key), { ...ours, options: { ...ours.options, keepAlive: value } })
    onChange()
  }

  /** Ollama answers first and then moves the end of its time. */
  const untilMoved = async (before: Running | undefined, signal: AbortSignal): Promise<void> => {
    if (before === undefined) return
    const giveUpAt = performance.now() + movedMs
    while (performance.now() < giveUpAt) {
      const entry = find(await api.running(signal), before.name)
      if (entry?.expires_at !== before.expires_at) return
      await delay(lookMs, undefined, { signal }).catch(() => {}) // the next question says that it was cancelled
    }
  }

  return {
    instances,
    load,
    unload,
    keepAlive,
    /** What every request to it must repeat. */
    runnerOf: async (key: string, signal: AbortSignal): Promise<RunnerRequest> => {
      const list = await api.running(signal)
      forgetEnded(list)
      return requestOf(key, list, signal)
    },
  }
}
