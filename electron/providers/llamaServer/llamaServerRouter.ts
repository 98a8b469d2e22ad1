import { AppError } from '../../lib/appError.ts'
import { inTime } from '../parts/waiting.ts'
import type { ProviderInstance, ReportProgress } from '../provider.ts'
import type { LlamaServerClient } from './llamaServerClient.ts'
import { reasonOf, toInstance } from './llamaServerInstance.ts'
import { fractionOf, type ModelEntry, StatusData } from './llamaServerSchemas.ts'
import { watchRouter } from './routerWatch.ts'

const cleanUpMs = 15_000

/** Loading and unloading in router mode. Both are only begun by a call, and end some time later. */
export const createLlamaServerRouter = (client: LlamaServerClient) => {
  const { loadMs, unloadMs } = client.limits
  /** Ended because Berth asked for it: a router calls that failed when it had to be forced. */
  const endedByUs = new Set<string>()

  const find = async (key: string, signal: AbortSignal): Promise<ModelEntry> =>
    present(
      (await client.list(signal)).find(({ id }) => id === key),
      key,
    )

  /** What the router answers when the model already is as it should be. */
  const already = (pattern: RegExp) => (error: unknown) => {
    const said = error instanceof AppError ? String(error.details?.providerMessage) : ''
    if (!pattern.test(said)) throw error
  }

  const begin = async (entry: ModelEntry, signal: AbortSignal): Promise<void> => {
    const model = entry.id
    if (routedState(entry) === 'sleeping') {
      // it runs already, so the router loads nothing; any question that needs the model wakes it
      await client.wake(model, loadMs, signal)
      return
    }
    endedByUs.delete(model)
    await client.begin('/models/load', model, signal).catch(already(/already running/i))
  }

  const untilLoaded = (key: string, report: ReportProgress, signal: AbortSignal): Promise<ProviderInstance> => {
    let seen = false
    return watchRouter(
      {
        client,
        about: (model) => model === key,
        onEvent: ({ data }) => {
          const fraction = fractionOf(StatusData.parse(data)?.progress ?? null)
          if (fraction !== null) report(fraction)
        },
        look: (models) => {
          const entry = present(
            models.find(({ id }) => id === key),
            key,
          )
          const value = routedState(entry)
          if (value === 'loaded' || value === 'sleeping')
            return toInstance(key, 'loaded', { contextLength: entry.meta?.n_ctx ?? null })
          if (value === 'unloaded' && (seen || entry.status?.failed)) throw loadFailed(entry)
          seen ||= value === 'loading'
          const fraction = fractionOf(entry.status?.progress ?? null)
          if (fraction !== null) report(fraction)
          return undefined
        },
      },
      signal,
    )
  }

  const load = async (key: string, report: ReportProgress, signal: AbortSignal): Promise<ProviderInstance> => {
    report(null)
    const before = await find(key, signal)
    const value = routedState(before)
    if (value === 'downloading') throw new AppError('BUSY', `llama-server is downloading ${key}.`)
    const deadline = AbortSignal.timeout(loadMs)
    const either = AbortSignal.any([signal, deadline])
    try {
      if (value !== 'loaded' && value !== 'loading') await begin(before, either)
      return await untilLoaded(key, report, either)
    } catch (error) {
      const ours = value !== 'loaded' && value !== 'loading' && value !== 'sleeping'
      if (either.aborted && ours) await undoLoad(key)
      if (deadline.aborted && !signal.aborted)
        throw new AppError('PROVIDER_TIMEOUT', `llama-server did not load ${key} within ${loadMs / 1000} s.`, {
          cause: error,
        })
      throw error
    }
  }

  const undoLoad = (key: string): Promise<void> =>
    end(key, AbortSignal.timeout(cleanUpMs)).catch(() => {
      // the caller cancelled and hears so; a server that cannot be asked any more shows as unreachable by itself
    })

  const end = async (key: string, signal: AbortSignal): Promise<void> => {
    const value = routedState(await find(key, signal))
    endedByUs.add(key)
    if (value === 'unloaded' || value === 'downloading') return
    await client.begin('/models/unload', key, signal).catch(already(/not running/i))
    await watchRouter(
      {
        client,
        about: (model) => model === key,
        onEvent: () => {},
        look: (models) => {
          const entry = models.find(({ id }) => id === key)
          return entry === undefined || routedState(entry) === 'unloaded' ? true : undefined
        },
      },
      signal,
    )
  }

  const unload = async (key: string, signal: AbortSignal): Promise<void> => {
    const words = `llama-server still holds ${key} after ${unloadMs / 1000} s.`
    await inTime({ ms: unloadMs, words }, signal, (either) => end(key, either))
  }

  return { find, load, unload, wasEndedByUs: (key: string): boolean => endedByUs.has(key) }
}
export type LlamaServerRouter = ReturnType<typeof createLlamaServerRouter>

export const routedState = (entry: ModelEntry): string | null => entry.status?.value ?? null

const present = (entry: ModelEntry | undefined, key: string): ModelEntry => {
  if (entry) return entry
  throw new AppError('MODEL_NOT_FOUND', `llama-server has no model ${key}.`)
}

const loadFailed = (entry: ModelEntry): AppError => {
  const failed = entry.status?.failed === true
  const words = failed ? reasonOf(entry.status?.exit_code ?? null) : 'It was unloaded before it was ready.'
  return new AppError('LOAD_FAILED', `llama-server could not load ${entry.id}. ${words}`, {
    advice: 'Look into the log of llama-server: its lines about this model begin with the port of its process.',
    details: { exitCode: entry.status?.exit_code ?? null },
  })
}
