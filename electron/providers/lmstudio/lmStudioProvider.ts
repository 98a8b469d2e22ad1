import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { chatWithOpenAi, wireOfOpenAi } from '../openai/openAiChat.ts'
import { embedWithOpenAi } from '../openai/openAiEmbed.ts'
import { createListeners } from '../parts/listeners.ts'
import type { Provider, ProviderConfig } from '../provider.ts'
import { isLoopback } from '../providerAddress.ts'
import { lmStudioFault } from './lmStudioFaults.ts'
import { checkToken, identityOf, newGuest } from './lmStudioKey.ts'
import { createLmStudioList } from './lmStudioList.ts'
import { createLmStudioLoads } from './lmStudioLoads.ts'
import { toProviderDetails, toProviderModel } from './lmStudioModel.ts'
import { ignoredOptions } from './lmStudioOptions.ts'
import { modelPath, modelsFolder } from './lmStudioPaths.ts'
import { pullWithLmStudio } from './lmStudioPull.ts'
import type { ListedModel } from './lmStudioSchemas.ts'
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

const defaults = {
  loadMs: 30 * 60_000,
  unloadMs: 60_000,
  socketMs: 3_000,
  firstTokenMs: 10 * 60_000,
  pollMs: 1_000,
  strayMs: 5_000,
}

export const createLmStudioProvider = (deps: LmStudioProviderDeps) => {
  const { id, name, address, apiKey, now, userHome } = deps
  const limits = { ...defaults, ...deps.limits }
  const http = createHttpClient({
    name: 'LM Studio',
    baseUrl: address,
    key: () => checkToken(apiKey()),
    limits: deps.limits,
    toFault: lmStudioFault,
  })
  const guest = newGuest()
  const identity = () => identityOf(apiKey(), guest)
  const socket = createSocketLooks({ address, identity, now, timeoutMs: limits.socketMs })

  const list = createLmStudioList(http)
  const listeners = createListeners()
  const changed = () => listeners.tell('instances')
  const loads = createLmStudioLoads({ http, socket, list, address, identity, changed, now, limits })

  const models: Provider['models'] = async (signal) => {
    const listed = await list.all(signal)
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

  /** One that is loaded: asked by a key that no instance has as its name, LM Studio would load the model once more. */
  const instanceFor = async (key: string, signal: AbortSignal): Promise<string> => {
    const ids = await list.idsNow(key, signal)
    return ids.includes(key) ? key : (ids[0] ?? key)
  }

  const chat: Provider['chat'] = async function* (key, request, signal) {
    const model = await instanceFor(key, signal)
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
    details: async (key, signal) => toProviderDetails(await list.find(key, signal)),
    instances: loads.instances,
    load: loads.load,
    unload: loads.unload,
    chat,
    async wire(key, request, signal) {
      const model = await instanceFor(key, signal)
      return wireOfOpenAi(http, { path: '/v1/chat/completions', model, request })
    },
    async embed(key, input, signal) {
      const model = await instanceFor(key, signal)
      const { answerMs } = deps.limits ?? {}
      return embedWithOpenAi(http, { path: '/v1/embeddings', model, input, answerMs }, signal)
    },
    async pull(request, report, signal) {
      const before = new Set((await list.all(signal)).map((model) => model.key))
      const { answerMs = 60_000 } = deps.limits ?? {} // it asks its catalog first
      await pullWithLmStudio({ http, request, pollMs: limits.pollMs, answerMs }, report, signal)
      return keyOfPulled(request.name, before, await list.all(signal))
    },
    onChange: listeners.onChange,
    async close() {
      loads.close()
      await http.close()
    },
  } satisfies Provider
}

/** LM Studio does not tell the key of what it downloaded: the same name, the one that is new, or the name that was given. */
const keyOfPulled = (asked: string, before: ReadonlySet<string>, after: readonly ListedModel[]): string => {
  const plain = asked.replace(/^https?:\/\/huggingface\.co\//i, '').toLowerCase()
  const same = after.find(({ key }) => key.toLowerCase() === plain)
  const [added, ...more] = after.filter(({ key }) => !before.has(key))
  return same?.key ?? (added !== undefined && more.length === 0 ? added.key : asked)
}
