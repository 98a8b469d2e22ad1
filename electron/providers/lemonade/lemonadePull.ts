import type { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { sumOf } from '../parts/transfers.ts'
import type { PullRequest, ReportTransfer } from '../provider.ts'
import { Done, type ListedModel, PullProgress } from './lemonadeSchemas.ts'

export interface LemonadePullDeps {
  readonly http: HttpClient
  /** null: there is none of this name, neither registered nor in the catalogue */
  readonly find: (name: string, signal: AbortSignal) => Promise<ListedModel | null>
  /** between two words about a download: a large file is verified without one */
  readonly idleMs: number
}

/** A day of progress. */
const maxStreamBytes = 2 ** 31
const maxFiles = 1_000
const cleanUpMs = 5_000

/** Where it comes from, when Lemonade does not know the name yet. */
type Source = { readonly checkpoint: string; readonly recipe: 'llamacpp'; readonly labels?: readonly string[] }
interface Plan {
  readonly name: string
  readonly source: Source | null
  /** registered by this pull, so that a refused one has to be taken back */
  readonly isNew: boolean
}

export const createLemonadePull =
  ({ http, find, idleMs }: LemonadePullDeps) =>
  async (request: PullRequest, report: ReportTransfer, signal: AbortSignal): Promise<string> => {
    const plan = await planOf(request, find, signal)
    const transfer = createTransfer()
    try {
      await stream(http, plan, idleMs, transfer, report, signal)
    } catch (error) {
      // Lemonade keeps what a refused pull has registered. What has begun stays: the next pull goes on there.
      if (plan.isNew && transfer.doneBytes() === 0) await forget(http, plan.name)
      throw error
    }
    return (await find(plan.name, signal))?.id ?? plan.name
  }

const planOf = async (request: PullRequest, find: LemonadePullDeps['find'], signal: AbortSignal): Promise<Plan> => {
  const { name, quantization, insecure } = request
  if (insecure) throw new AppError('VERB_NOT_SUPPORTED', 'Lemonade downloads by https only.')
  if (!name.includes('/')) return planOfKnown(name, quantization, await find(name, signal))
  const checkpoint = quantization === undefined || name.includes(':') ? name : `${name}:${quantization}`
  const [owner = '', rest = ''] = splitOnce(checkpoint, '/')
  const [repository = '', variant = ''] = splitOnce(rest, ':')
  if (owner === '' || repository === '')
    throw new AppError('MODEL_NOT_FOUND', `${name} is not of the form owner/repository:QUANTISATION.`)
  const short = userName(variant === '' ? repository : `${repository}-${variant}`)
  for (const user of [short, userName(`${owner}-${short.slice('user.'.length)}`)]) {
    const taken = await find(user, signal)
    if (taken === null || taken.checkpoint === checkpoint)
      return { name: user, source: { checkpoint, recipe: 'llamacpp', ...labelsOf(repository) }, isNew: taken === null }
  }
  throw new AppError('PROVIDER_ERROR', `Lemonade already has other models of the names that ${name} would get.`, {
    advice: 'Remove one of them first.',
    details: { status: 409 },
  })
}

const planOfKnown = (name: string, quantization: string | undefined, known: ListedModel | null): Plan => {
  if (known === null)
    throw new AppError('MODEL_NOT_FOUND', `Lemonade’s catalogue has no model ${name}.`, {
      advice: 'Give a name of its catalogue, or owner/repository:QUANTISATION of Hugging Face.',
    })
  if (quantization !== undefined)
    throw new AppError('VERB_NOT_SUPPORTED', `${name} comes in one quantisation only.`, {
      advice: 'Leave the quantisation out, or give owner/repository and the quantisation.',
    })
  return { name, source: null, isNew: false }
}

const splitOnce = (text: string, separator: string): string[] => {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

const userName = (text: string): string => `user.${text.replace(/[^\w.-]+/g, '-')}`.slice(0, 200)

/** Without a label it would run for chat, and answer nothing else. */
const labelsOf = (repository: string): { readonly labels?: readonly string[] } => {
  if (/embed/i.test(repository)) return { labels: ['embeddings'] }
  return /rerank/i.test(repository) ? { labels: ['reranking'] } : {}
}

const stream = async (
  http: HttpClient,
  { name, source }: Plan,
  idleMs: number,
  transfer: ReturnType<typeof createTransfer>,
  report: ReportTransfer,
  signal: AbortSignal,
): Promise<void> => {
  const silence = new AbortController()
  const wait = () => setTimeout(() => silence.abort(), idleMs) // bytes that make no event are no word
  let timer = wait()
  const limits = { headersMs: 0, idleMs: 0, maxStreamBytes }
  const call = { path: '/v1/pull', body: { model_name: name, ...source, stream: true }, limits }
  report(`Asking for ${name}`, null)
  try {
    for await (const { event, data } of http.events(call, AbortSignal.any([signal, silence.signal]))) {
      clearTimeout(timer)
      timer = wait()
      const progress = http.parseData(data, PullProgress) // an error is thrown as the error it is
      if (event === 'complete') return
      if (event === 'error') throw new AppError('PROVIDER_ERROR', 'Lemonade gave the download up without a reason.')
      if (event === 'progress') report(...transfer.take(progress))
    }
  } catch (error) {
    if (!silence.signal.aborted || signal.aborted) throw error
    throw new AppError('PROVIDER_TIMEOUT', `Lemonade said nothing about the download for ${idleMs / 1000} s.`, {
      advice: 'Pull it again: it goes on where it stopped.',
      cause: error,
    })
  } finally {
    clearTimeout(timer)
  }
  throw new AppError('PROVIDER_BAD_ANSWER', 'Lemonade broke off in the middle of the download.')
}

/** Adds up the files as they come. A size that was known stays, though later words leave it out. */
const createTransfer = () => {
  const parts = new Map<string, { name: string; doneBytes: number; totalBytes: number | null }>()
  let totalBytes: number | null = null
  const sum = () => sumOf([...parts.values()])
  return {
    doneBytes: () => sum().doneBytes,
    take: (progress: z.infer<typeof PullProgress>): Parameters<ReportTransfer> => {
      const name = progress.file || 'file'
      const known = parts.get(name)
      if (known !== undefined || parts.size < maxFiles)
        parts.set(name, {
          name,
          doneBytes: progress.bytes_downloaded ?? known?.doneBytes ?? 0,
          totalBytes: progress.bytes_total || (known?.totalBytes ?? null),
        })
      totalBytes = progress.total_download_size || totalBytes
      const which = progress.total_files ? ` ${progress.file_index ?? 1} of ${progress.total_files}` : ''
      return [`Downloading file${which}: ${name}`, { ...sum(), totalBytes }]
    },
  }
}

const forget = async (http: HttpClient, name: string): Promise<void> => {
  try {
    await http.json({ path: '/v1/delete', body: { model_name: name } }, Done, AbortSignal.timeout(cleanUpMs))
  } catch {
    // the caller hears why the pull failed; a name without files is in no list
  }
}
