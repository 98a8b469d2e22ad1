import { setTimeout as delay } from 'node:timers/promises'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import type { LmStudioIdentity } from './lmStudioKey.ts'
import { toRestLoad, toSdkLoad } from './lmStudioOptions.ts'
import { type ListedModel, LoadAnswer, UnloadAnswer } from './lmStudioSchemas.ts'
import { socketAddress } from './lmStudioSocket.ts'
import { loadOverSocket, startLoadWorker } from './lmStudioSocketLoad.ts'
import type { SocketLooks } from './lmStudioSocketLooks.ts'

export interface LmStudioLoaderDeps {
  readonly http: HttpClient
  readonly socket: SocketLooks
  readonly address: string
  readonly identity: () => LmStudioIdentity
  /** names of the instances of a model */
  readonly idsNow: (key: string, signal: AbortSignal) => Promise<readonly string[]>
  readonly limits: { readonly loadMs: number; readonly strayMs: number }
}

export interface WantedLoad {
  readonly model: ListedModel
  readonly options: LoadOptions
  /** was it not there before? */
  readonly isNew: (instance: string) => boolean
}

/** between two looks at the list */
const lookMs = 250

/** Over the socket with every option and with progress; where there is none, over REST with what that takes. */
export const createLmStudioLoader = (deps: LmStudioLoaderDeps) => {
  const { http, socket, address, identity, idsNow, limits } = deps

  const overSocket = (
    { model, options, isNew }: WantedLoad,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<string> => {
    const appeared = async (ended: AbortSignal): Promise<string> => {
      for (;;) {
        const [first] = (await idsNow(model.key, ended)).filter(isNew)
        if (first !== undefined) return first
        await delay(lookMs, undefined, { signal: ended })
      }
    }
    const load = toSdkLoad(options, model)
    const order = { baseUrl: socketAddress(address), identity: identity(), key: model.key, load }
    const forward = (fraction: number | null) => {
      if (fraction !== null) onProgress(fraction)
    }
    return loadOverSocket({ order, startWorker: startLoadWorker, loadMs: limits.loadMs, appeared }, forward, signal)
  }

  /** LM Studio has no end for such a load: it may be there after the connection was closed. */
  const overRest = async ({ model, options, isNew }: WantedLoad, signal: AbortSignal): Promise<string> => {
    const call = { path: '/api/v1/models/load', body: toRestLoad(options, model), limits: { answerMs: limits.loadMs } }
    try {
      return (await http.json(call, LoadAnswer, signal)).instance_id
    } catch (error) {
      if (!signal.aborted || (await takeOut(model.key, isNew, limits.strayMs))) throw error
      throw new AppError('CANCELLED', 'Loading was cancelled, but LM Studio may still finish it.', {
        advice: 'Look at what is loaded in a while, and unload it.',
        cause: error,
      })
    }
  }

  /** What a load that was given up left behind is unloaded; it may show up within `withinMs`. Was there any? */
  const takeOut = async (key: string, isNew: WantedLoad['isNew'], withinMs: number): Promise<boolean> => {
    const signal = AbortSignal.timeout(withinMs + limits.strayMs)
    const until = performance.now() + withinMs
    try {
      for (;;) {
        const strays = (await idsNow(key, signal)).filter(isNew)
        for (const stray of strays) await unloadInstance(http, stray, signal)
        if (strays.length > 0 || performance.now() >= until) return strays.length > 0
        await delay(lookMs, undefined, { signal })
      }
    } catch {
      return false // the caller hears of its own fault; a server that cannot be asked shows as unreachable by itself
    }
  }

  return {
    /** Resolves with the name of the instance. */
    load: async (wanted: WantedLoad, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<string> => {
      const access = await socket.access(signal)
      if (access === 'key')
        throw new AppError('PROVIDER_KEY_REJECTED', 'The socket of LM Studio does not accept the key, or needs one.')
      return access === 'refused' ? overRest(wanted, signal) : overSocket(wanted, onProgress, signal)
    },
    takeOut,
  }
}

export const unloadInstance = (http: HttpClient, instance: string, signal: AbortSignal) =>
  http.json({ path: '/api/v1/models/unload', body: { instance_id: instance } }, UnloadAnswer, signal)
