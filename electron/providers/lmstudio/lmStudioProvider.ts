import { setTimeout as delay } from 'node:timers/promises'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { chatWithOpenAi } from '../openai/openAiChat.ts'
import { embedWithOpenAi } from '../openai/openAiEmbed.ts'
import type { Provider, ProviderConfig, ProviderInstance } from '../provider.ts'
import { isLoopback } from '../providerAddress.ts'
import { lmStudioFault } from './lmStudioFaults.ts'
import { type Known, toInstance } from './lmStudioInstance.ts'
import { checkToken, identityOf, newGuest } from './lmStudioKey.ts'
import { createLmStudioLoader, unloadInstance } from './lmStudioLoader.ts'
import { toProviderDetails, toProviderModel } from './lmStudioModel.ts'
import { ignoredOptions, toSdkLoad } from './lmStudioOptions.ts'
import { modelPath, modelsFolder } from './lmStudioPaths.ts'
import { pullWithLmStudio } from './lmStudioPull.ts'
import { type ListedModel, ModelList } from './lmStudioSchemas.ts'
import { createSocketLooks } from './lmStudioSocketLooks.ts'
import { statusOfLmStudio } from './lmStudioStatus.ts'

export interface LmStudioLimits extends HttpLimits {
  /** of a load: minutes are normal */
  readonly loadMs: number
  /** until an unload is given up */
  readonly unloadMs: number
  /** of a whole question over the socket */
  readonly socketMs: number
  /** until the first text: reading a long prompt takes minutes */
  readonly firstTokenMs: number
  /** between two looks at a download */
  readonly pollMs: number
  /** for a load that was cancelled and cannot be stopped, to show up */
  readonly strayMs: number
}

export type LmStudioProviderDeps = ProviderConfig & {
  readonly limits?: Partial<LmStudioLimits>
  /** the person's folder, whose LM Studio is the one on loopback */
  readonly userHome?: string
}

type Loaded = { readonly key: string; readonly options: LoadOptions; readonly loadedAt: number }
type Pending = { readonly state: 'loading' | 'unloading'; readonly options: LoadOptions; progress: number | null }

const defaults = {
  loadMs: 30 * 60_000,
  unloadMs: 60_000,
  socketMs: 3_000,
  firstTokenMs: 10 * 60_000,
  pollMs: 1_000,
  strayMs: 5_000,
}

export const createLmStudioProvider = (deps: LmStudioProviderDeps) => {
  const { id, name, address, key: token, now, userHome } = deps
  const limits = { ...defaults, ...deps.limits }
  const key = () => checkToken(token())
  const http = createHttpClient({
    name: 'LM Studio',
    baseUrl: address,
    key,
    limits: deps.limits,
    toFault: lmStudioFault,
  })
  const guest = newGuest()
  const identity = () => identityOf(token(), guest)
  const socket = createSocketLooks({ address, identity, now, timeoutMs: limits.socketMs })

  /** by key */
  const pending = new Map<string, Pending>()
  /** by LM Studio's name of the instance */
  const loaded = new Map<string, Loaded>()
  const listeners = new Set<(what: 'models' | 'instances') => void>()
  const instancesChanged = () => {
    for (const listener of listeners) listener('instances')
  }

  const list = async (signal: AbortSignal): Promise<readonly ListedModel[]> => {
    const { models } = await http.json({ path: '/api/v1/models' }, ModelList, signal)
    return [...new Map(models.map((model) => [model.key, model])).values()]
  }
  const find = async (wanted: string, signal: AbortSignal): Promise<ListedModel> => {
    const model = (await list(signal)).find((each) => each.key === wanted)
    if (model === undefined)
      throw new AppError('MODEL_NOT_FOUND', `LM Studio has no model ${wanted}.`, { advice: 'List the models again.' })
    return model
  }
  const idsOf = (model: ListedModel | undefined): string[] => (model?.loaded_instances ?? []).map((each) => each.id)
  const idsNow = async (wanted: string, signal: AbortSignal): Promise<string[]> =>
    idsOf((await list(signal)).find((each) => each.key === wanted))

  const loader = createLmStudioLoader({ http, socket, address, identity, idsNow, limits })
  const closing = new AbortController()

  const models: Provider['models'] = async (signal) => {
    const listed = await list(signal)
    const folder = isLoopback(address) ? await modelsFolder(userHome) : null
    const paths = folder === null ? new Map<string, string>() : await socket.paths(signal)
    return Promise.all(
      listed.map(async (model) => {
        const relative = paths.get(model.key)
        const path = folder === null || relative === undefined ? null : await modelPath(folder, relative)
        return toProviderModel(model, path)
      }),
    )
  }

  const instances = async (signal: AbortSignal): Promise<readonly ProviderInstance[]> => {
    const listed = await list(signal)
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
    return [...running, ...coming.map(([at, change]) => toInstance(at, null, { ...change, loadedAt: null }, null))]
  }

  const load: Provider['load'] = (wanted, options, report, signal) => {
    const change: Pending = { state: 'loading', options, progress: null }
    return during(wanted, change, async () => {
      const model = await find(wanted, signal)
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
        const loadedAt = now()
        loaded.set(instance, { key: wanted, options, loadedAt })
        const listed = (await list(signal)).find((each) => each.key === wanted)?.loaded_instances ?? []
        const entry = listed.find((each) => each.id === instance) ?? { id: instance, config: null }
        const told = await socket.instances([model.type], signal)
        const known: Known = { state: 'loaded', options, progress: null, loadedAt }
        return toInstance(wanted, entry, known, told.get(instance) ?? null)
      } catch (error) {
        if (signal.aborted || isUnsure(error)) await loader.takeOut(wanted, isNew, 0)
        throw error
      }
    })
  }

  const unload: Provider['unload'] = (wanted, instance, signal) => {
    const deadline = AbortSignal.timeout(limits.unloadMs)
    const either = AbortSignal.any([signal, deadline])
    const rest = async () => (await idsNow(wanted, either)).filter((each) => instance === null || each === instance)
    return during(wanted, { state: 'unloading', options: {}, progress: null }, async () => {
      try {
        for (const each of await rest())
          await unloadInstance(http, each, either).catch(async (error: unknown) => {
            if ((await rest()).includes(each)) throw error // else it went meanwhile, as it should
          })
        for (let waitMs = 50; (await rest()).length > 0; waitMs *= 1.5)
          await delay(Math.min(waitMs, 1_000), undefined, { signal: either })
      } catch (error) {
        if (signal.aborted) throw new AppError('CANCELLED', 'Waiting for the unload was cancelled.', { cause: error })
        if (!deadline.aborted) throw error
        throw new AppError('PROVIDER_TIMEOUT', `LM Studio still holds ${wanted} after ${limits.unloadMs / 1000} s.`, {
          cause: error,
        })
      }
    })
  }

  /** One change of a model at a time, seen by `instances` while it lasts. */
  const during = async <T>(wanted: string, change: Pending, action: () => Promise<T>): Promise<T> => {
    const other = pending.get(wanted)
    if (other !== undefined) throw new AppError('BUSY', `LM Studio is already ${other.state} ${wanted}.`)
    pending.set(wanted, change)
    instancesChanged()
    try {
      return await action()
    } finally {
      pending.delete(wanted)
      instancesChanged()
    }
  }

  /** One that is loaded: asked by a key that no instance has as its name, LM Studio would load the model once more. */
  const instanceFor = async (wanted: string, signal: AbortSignal): Promise<string> => {
    const ids = await idsNow(wanted, signal)
    return ids.includes(wanted) ? wanted : (ids[0] ?? wanted)
  }

  const chat: Provider['chat'] = async function* (wanted, request, signal) {
    const model = await instanceFor(wanted, signal)
    const { firstTokenMs } = limits
    const idleMs = deps.limits?.idleMs ?? 5 * 60_000
    yield* chatWithOpenAi(http, { path: '/v1/chat/completions', model, request, firstTokenMs, idleMs }, signal)
  }

  return {
    id,
    kind: 'lmstudio',
    name,
    address,
    cannot: {
      keepAlive: 'LM Studio sets how long a model stays when it is loaded: unload it and load it with another time.',
      push: 'LM Studio uploads no models.',
      create: 'LM Studio makes no models; it finds files in its folder of models, or imports them with lms import.',
      copy: 'LM Studio names models after their files and has no second names.',
      remove: 'LM Studio lets no other program remove models: delete it in My Models there.',
      adapters: 'LM Studio lets no other program add LoRA adapters.',
    },
    ignoredOptions,
    status: (signal) => statusOfLmStudio({ http, address, version: () => socket.version(signal) }, signal),
    models,
    details: async (wanted, signal) => toProviderDetails(await find(wanted, signal)),
    instances,
    load,
    unload,
    chat,
    async embed(wanted, input, signal) {
      const model = await instanceFor(wanted, signal)
      const { answerMs } = deps.limits ?? {}
      return embedWithOpenAi(http, { path: '/v1/embeddings', model, input, answerMs }, signal)
    },
    async pull(request, report, signal) {
      const before = new Set((await list(signal)).map((model) => model.key))
      const { answerMs = 60_000 } = deps.limits ?? {} // it asks its catalog first
      await pullWithLmStudio({ http, request, pollMs: limits.pollMs, answerMs }, report, signal)
      return keyOfPulled(request.name, before, await list(signal))
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** Ends loads under way: their workers would hold the process. */
    async close() {
      closing.abort()
      await http.close()
    },
  } satisfies Provider
}

/** It may have been loaded although the answer does not say so. */
const isUnsure = (error: unknown): boolean =>
  error instanceof AppError && ['PROVIDER_TIMEOUT', 'PROVIDER_BAD_ANSWER'].includes(error.code)

/** LM Studio does not tell the key of what it downloaded: the same name, the one that is new, or the name that was given. */
const keyOfPulled = (asked: string, before: ReadonlySet<string>, after: readonly ListedModel[]): string => {
  const plain = asked.replace(/^https?:\/\/huggingface\.co\//i, '').toLowerCase()
  const same = after.find(({ key }) => key.toLowerCase() === plain)
  const [added, ...more] = after.filter(({ key }) => !before.has(key))
  return same?.key ?? (added !== undefined && more.length === 0 ? added.key : asked)
}
