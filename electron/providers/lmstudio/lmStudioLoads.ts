import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { createChanges } from '../parts/changes.ts'
import { inTime, untilAnswered } from '../parts/waiting.ts'
import type { Provider, ProviderInstance } from '../provider.ts'
import { type Known, toInstance } from './lmStudioInstance.ts'
import type { LmStudioIdentity } from './lmStudioKey.ts'
import type { LmStudioList } from './lmStudioList.ts'
import { createLmStudioLoader, unloadInstance } from './lmStudioLoader.ts'
import { toSdkLoad } from './lmStudioOptions.ts'
import type { ListedModel } from './lmStudioSchemas.ts'
import type { SocketLooks } from './lmStudioSocketLooks.ts'

export interface LmStudioLoadsDeps {
  readonly http: HttpClient
  readonly socket: SocketLooks
  readonly list: LmStudioList
  readonly address: string
  readonly identity: () => LmStudioIdentity
  readonly changed: () => void
  /** Unix milliseconds */
  readonly now: () => number
  readonly limits: { readonly loadMs: number; readonly unloadMs: number; readonly strayMs: number }
}

type Loaded = { readonly key: string; readonly options: LoadOptions; readonly loadedAt: number }
type Change = { readonly state: 'loading' | 'unloading'; readonly options: LoadOptions; progress: number | null }

/** What is loaded, and what we know of it because we loaded it. */
export const createLmStudioLoads = (deps: LmStudioLoadsDeps) => {
  const { http, socket, list, address, identity, changed, now, limits } = deps
  const { pending, during } = createChanges<Change>('LM Studio', changed)
  /** by LM Studio's name of the instance */
  const loaded = new Map<string, Loaded>()
  const closing = new AbortController()
  const loader = createLmStudioLoader({ http, socket, address, identity, idsNow: list.idsNow, limits })

  const instances = async (signal: AbortSignal): Promise<readonly ProviderInstance[]> => {
    const listed = await list.all(signal)
    const ids = new Set(listed.flatMap(idsOf))
    for (const instance of loaded.keys()) if (!ids.has(instance)) loaded.delete(instance)
    const types = listed.filter((model) => idsOf(model).length > 0).map(({ type }) => type)
    const told = await socket.instances(types, signal)
    const running = listed.flatMap((model) =>
      (model.loaded_instances ?? []).map((each) => {
        const ours = loaded.get(each.id)
        const leaving = pending.get(model.key)?.state === 'unloading'
        const known: Known = {
          state: leaving ? 'unloading' : 'loaded',
          options: ours?.options ?? {},
          progress: null,
          loadedAt: ours?.loadedAt ?? null,
        }
        return toInstance(model.key, each, known, told.get(each.id) ?? null)
      }),
    )
    const coming = [...pending].filter(([, { state }]) => state === 'loading')
    return [...running, ...coming.map(([key, change]) => toInstance(key, null, { ...change, loadedAt: null }, null))]
  }

  const asLoaded = async (
    model: ListedModel,
    instance: string,
    options: LoadOptions,
    signal: AbortSignal,
  ): Promise<ProviderInstance> => {
    const loadedAt = now()
    loaded.set(instance, { key: model.key, options, loadedAt })
    const listed = (await list.all(signal)).find(({ key }) => key === model.key)?.loaded_instances ?? []
    const entry = listed.find(({ id }) => id === instance) ?? { id: instance, config: null }
    const told = await socket.instances([model.type], signal)
    const known: Known = { state: 'loaded', options, progress: null, loadedAt }
    return toInstance(model.key, entry, known, told.get(instance) ?? null)
  }

  const load: NonNullable<Provider['load']> = (key, options, report, signal) => {
    const change: Change = { state: 'loading', options, progress: null }
    return during(key, change, async () => {
      const model = await list.find(key, signal)
      const before = new Set(idsOf(model))
      toSdkLoad(options, model) // refuses before anything is asked for
      report(null)
      const isNew = (each: string) => !before.has(each)
      const onProgress = (fraction: number | null) => {
        change.progress = fraction
        report(fraction)
      }
      try {
        const either = AbortSignal.any([signal, closing.signal])
        const instance = await loader.load({ model, options, isNew }, onProgress, either)
        return await asLoaded(model, instance, options, signal)
      } catch (error) {
        if (signal.aborted || isUnsure(error)) await loader.takeOut(key, isNew, 0)
        throw error
      }
    })
  }

  const unload: NonNullable<Provider['unload']> = (key, instance, signal) => {
    const words = `LM Studio still holds ${key} after ${limits.unloadMs / 1000} s.`
    return during(key, { state: 'unloading', options: {}, progress: null }, () =>
      inTime({ ms: limits.unloadMs, words }, signal, async (either) => {
        const rest = async () =>
          (await list.idsNow(key, either)).filter((each) => instance === null || each === instance)
        for (const each of await rest())
          await unloadInstance(http, each, either).catch(async (error: unknown) => {
            if ((await rest()).includes(each)) throw error // else it went meanwhile, as it should
          })
        await untilAnswered(async () => ((await rest()).length === 0 ? true : undefined), either)
      }),
    )
  }

  return {
    instances,
    load,
    unload,
    /** Ends loads under way: their workers would hold the process. */
    close: () => closing.abort(),
  }
}

/** Names of its instances. */
const idsOf = (model: ListedModel): string[] => (model.loaded_instances ?? []).map(({ id }) => id)

/** It may have been loaded although the answer does not say so. */
const isUnsure = (error: unknown): boolean =>
  error instanceof AppError && ['PROVIDER_TIMEOUT', 'PROVIDER_BAD_ANSWER'].includes(error.code)
