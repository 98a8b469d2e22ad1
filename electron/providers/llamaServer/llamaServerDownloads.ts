import { AppError } from '../../lib/appError.ts'
import { sumOf } from '../parts/transfers.ts'
import type { ProviderRemoval, PullRequest, ReportTransfer } from '../provider.ts'
import type { LlamaServerClient } from './llamaServerClient.ts'
import { notDownloadedByIt } from './llamaServerModes.ts'
import { type LlamaServerRouter, routedState } from './llamaServerRouter.ts'
import { DownloadData, type ModelEntry } from './llamaServerSchemas.ts'
import { watchRouter } from './routerWatch.ts'

const cleanUpMs = 5_000
/** A download that began is listed at once; one that failed is not listed any more. */
const listedWithinMs = 2_000

/** What a router downloads from Hugging Face, and removes again. */
export const createDownloads = (client: LlamaServerClient, router: LlamaServerRouter) => {
  const pull = async (request: PullRequest, report: ReportTransfer, signal: AbortSignal): Promise<string> => {
    if (request.insecure)
      throw new AppError(
        'VERB_NOT_SUPPORTED',
        'llama-server downloads from Hugging Face by https, and in no other way.',
      )
    const wanted = withTag(request)
    const before = await client.list(signal)
    const same = before.find(({ id }) => id === wanted)
    const isNew = newcomer(wanted, new Set(before.map(({ id }) => id)))
    const deadline = AbortSignal.timeout(client.limits.pullMs)
    const either = AbortSignal.any([signal, deadline])
    report(`Asking for ${wanted}`, null)
    try {
      if (same === undefined || routedState(same) !== 'downloading') await client.begin('/models', wanted, either)
      return await untilThere(wanted, isNew, report, either)
    } catch (error) {
      if (either.aborted) await stop(wanted)
      if (deadline.aborted && !signal.aborted)
        throw new AppError('PROVIDER_TIMEOUT', `llama-server did not finish downloading ${wanted}.`, { cause: error })
      throw error
    }
  }

  const untilThere = (
    wanted: string,
    isNew: (id: string) => boolean,
    report: ReportTransfer,
    signal: AbortSignal,
  ): Promise<string> => {
    const startedAt = performance.now()
    let seen = false
    return watchRouter(
      {
        client,
        about: isNew,
        onEvent: ({ event, data }) => {
          if (event === 'download_progress') report('Downloading', toTransfer(data))
        },
        // its event `download_finished` comes for a failed download too, so only the list tells
        look: (models) => {
          const entry = models.find(({ id }) => id === wanted) ?? models.find(({ id }) => isNew(id))
          if (entry === undefined) {
            if (seen || performance.now() - startedAt > listedWithinMs) throw notDownloaded(wanted)
            return undefined
          }
          seen = true
          if (routedState(entry) === 'downloading') return undefined
          if (entry.status?.failed && entry.source === 'cache' && isNew(entry.id)) throw notDownloaded(wanted)
          return entry.id
        },
      },
      signal,
    )
  }

  /** Cancels the download; what came already stays in its cache, where the next one goes on. */
  const stop = (model: string): Promise<void> =>
    client.begin('/models/unload', model, AbortSignal.timeout(cleanUpMs)).catch(() => {
      // the caller cancelled and hears so
    })

  const removable = (entry: ModelEntry): void => {
    if (!entry.can_remove) throw new AppError('VERB_NOT_SUPPORTED', notDownloadedByIt)
  }

  return {
    pull,
    removal: async (key: string, signal: AbortSignal): Promise<ProviderRemoval> => {
      const entry = await router.find(key, signal)
      removable(entry)
      const loaded = routedState(entry) !== 'unloaded' && routedState(entry) !== 'downloaded'
      return {
        freedBytes: null,
        sharedWith: [],
        alsoRemoved: [],
        notes: [
          'Its files go from the download cache of llama-server.',
          ...(loaded ? ['It is in use now and is unloaded first.'] : []),
        ],
      }
    },
    remove: async (key: string, signal: AbortSignal): Promise<void> => {
      removable(await router.find(key, signal))
      await client.remove(key, signal)
      if ((await client.list(signal)).some(({ id }) => id === key))
        throw new AppError('PROVIDER_ERROR', `llama-server says that it removed ${key}, and still lists it.`, {
          details: { status: 200 },
        })
    },
  }
}

/** Without a tag it takes Q4_K_M, or what there is. */
const withTag = ({ name, quantization }: PullRequest): string =>
  quantization === undefined || name.includes(':') ? name : `${name}:${quantization}`

/** Is this the model that was asked for? It may be listed with the tag that was found. */
const newcomer =
  (wanted: string, before: ReadonlySet<string>) =>
  (id: string): boolean =>
    id === wanted || (!before.has(id) && !wanted.includes(':') && id.startsWith(`${wanted}:`))

const toTransfer = (data: unknown) => {
  const parts = Object.entries(DownloadData.parse(data) ?? {})
    .slice(0, 1_000)
    .map(([url, part]) => ({
      name: fileOf(url),
      doneBytes: part?.done ?? 0,
      totalBytes: part?.total || null,
    }))
  return sumOf(parts)
}

/** An address may carry a token after its `?`. */
const fileOf = (url: string): string => (url.split(/[?#]/, 1)[0] ?? '').split('/').at(-1)?.slice(0, 300) || 'file'

const notDownloaded = (wanted: string): AppError =>
  new AppError('PROVIDER_ERROR', `llama-server could not download ${wanted}, and does not say why.`, {
    advice:
      'Its log has the reason: no connection to Hugging Face, no such repository, or no such quantisation. A name is user/repository, with :QUANTISATION after it.',
    details: { status: 200 }, // the server itself is well
  })
