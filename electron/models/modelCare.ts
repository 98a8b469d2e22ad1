import type { Job, JobKind, Transfer } from '../../shared/contract/jobs.ts'
import type { CreateRequest, Removal } from '../../shared/contract/modelCare.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import { splitModelId } from '../../shared/modelId.ts'
import { AppError } from '../lib/appError.ts'
import type { Provider, PullRequest, ReportTransfer } from '../providers/provider.ts'
import type { ProviderService } from '../providers/providerService.ts'
import type { Found } from './modelNews.ts'
import type { ModelService } from './modelService.ts'
import { verbOf } from './modelVerbs.ts'
import { idOf } from './modelView.ts'
import { createSpeedometer } from './speedometer.ts'

type PullOptions = Pick<PullRequest, 'quantization' | 'insecure'>

/** What is being changed now. `job`: null for what no job shows. */
interface UnderWay {
  readonly words: string
  readonly job: Job | null
  readonly pull: PullOptions | null
}

interface CareContext {
  readonly signal: AbortSignal
  report(fraction: number | null, text: string | null, transfer: Transfer | null): void
}

export interface ModelCareDeps {
  readonly providers: ProviderService
  readonly models: ModelService
  readonly runJob: (kind: JobKind, model: ModelId, work: (context: CareContext) => Promise<string>) => Job
  readonly now: () => number
}

/** What changes the models that a provider has: pull, push, create, copy, rename, remove. */
export const createModelCare = ({ providers, models, runJob, now }: ModelCareDeps) => {
  /** so that no two of them race: a pull is joined, the rest is refused */
  const underWay = new Map<ModelId, UnderWay>()

  const providerOf = (id: ModelId, verb: 'pull' | 'create'): { provider: Provider; key: string } => {
    const parts = splitModelId(id)
    const provider = parts && providers.inventory(parts.provider)?.provider
    if (!parts || !provider) throw new AppError('PROVIDER_NOT_FOUND', `There is no provider for ${id}.`)
    if (!provider[verb])
      throw new AppError('VERB_NOT_SUPPORTED', provider.cannot[verb] ?? `${provider.name} has no such verb: ${verb}.`)
    return { provider, key: parts.key }
  }

  /** @throws AppError BUSY */
  const refuseBusy = (id: ModelId): void => {
    models.refuseReserved(id)
    const other = underWay.get(id)
    if (other) throw new AppError('BUSY', `${id} is being ${other.words}.`)
  }

  /** These models are changed by nobody else meanwhile, nor loaded. */
  const alone = async <T>(words: string, ids: readonly ModelId[], work: () => Promise<T>): Promise<T> => {
    for (const id of ids) refuseBusy(id)
    const releases = ids.map((id) => {
      underWay.set(id, { words, job: null, pull: null })
      return models.hold(id, words)
    })
    try {
      return await work()
    } finally {
      for (const id of ids) underWay.delete(id)
      for (const release of releases) release()
    }
  }

  const start = (
    kind: 'pull' | 'push' | 'create',
    id: ModelId,
    work: (report: ReportTransfer, signal: AbortSignal) => Promise<string>,
    pull: PullOptions | null = null,
  ): Job => {
    const speed = createSpeedometer(now)
    const job = runJob(kind, id, async ({ signal, report }) => {
      try {
        if (signal.aborted) throw new AppError('CANCELLED') // before it had begun
        return await work((text, transfer) => {
          if (transfer === null) return report(null, text, null)
          const { doneBytes, totalBytes } = transfer
          const fraction = totalBytes === null || totalBytes === 0 ? null : Math.min(1, doneBytes / totalBytes)
          report(fraction, text, { ...transfer, bytesPerSecond: speed.at(doneBytes) })
        }, signal)
      } finally {
        underWay.delete(id)
        await models.lookAgain(splitModelId(id)?.provider ?? '', signal)
      }
    })
    underWay.set(id, { words: wordsOf[kind], job, pull })
    return job
  }

  const copyTo = async (found: Found, to: string, signal: AbortSignal): Promise<{ model: ModelId }> => {
    const { provider } = found.inventory
    const key = await verbOf(found, 'copy').call(provider, found.model.key, to, signal)
    await models.lookAgain(provider.id, signal)
    return { model: idOf(provider.id, key) }
  }

  const copy = async (id: ModelId, to: string, signal: AbortSignal): Promise<{ model: ModelId }> => {
    const found = models.find(id)
    verbOf(found, 'copy')
    return alone('copied', [id, idOf(found.inventory.provider.id, to)], () => copyTo(found, to, signal))
  }

  /** A server that removes the files of a loaded model may keep it in memory, where nobody can name it any more. */
  const removeUnloaded = async (found: Found, signal: AbortSignal): Promise<void> => {
    const { provider } = found.inventory
    await models.lookAgain(provider.id, signal) // others may have loaded it, and what is known may be old
    if (signal.aborted) throw new AppError('CANCELLED')
    const current = models.find(found.id)
    models.refuseOutage(current.inventory)
    const { state } = models.status(found.id)
    if (state === 'loaded' || state === 'loading' || state === 'unloading') await models.unload(found.id)
    await verbOf(found, 'remove').call(provider, found.model.key, signal)
    await models.lookAgain(provider.id, signal)
  }

  const removal = async (id: ModelId, signal: AbortSignal): Promise<Removal> => {
    const found = models.find(id)
    const { provider } = found.inventory
    verbOf(found, 'remove')
    const known = await provider.removal?.(found.model.key, signal)
    const { freedBytes = null, sharedWith = [], alsoRemoved = [], notes = [] } = known ?? {}
    const idsOf = (keys: readonly string[]) => keys.map((key) => idOf(provider.id, key))
    return { model: id, freedBytes, sharedWith: idsOf(sharedWith), alsoRemoved: idsOf(alsoRemoved), notes: [...notes] }
  }

  const remove = async (id: ModelId, signal: AbortSignal): Promise<Removal> =>
    alone('removed', [id], async () => {
      const freed = await removal(id, signal)
      await removeUnloaded(models.find(id), signal)
      return freed
    })

  return {
    pull: (id: ModelId, options: PullOptions): Job => {
      const other = underWay.get(id)
      if (other?.pull && other.job) {
        if (other.pull.quantization === options.quantization && other.pull.insecure === options.insecure)
          return other.job
        throw new AppError('BUSY', `${id} is being pulled with other options.`)
      }
      const { provider, key } = providerOf(id, 'pull')
      refuseBusy(id)
      const work = async (report: ReportTransfer, signal: AbortSignal) => {
        const name = await provider.pull?.({ name: key, ...options }, report, signal)
        return `Pulled ${name}`
      }
      return start('pull', id, work, options)
    },

    push: (id: ModelId, insecure: boolean): Job => {
      const found = models.find(id)
      const { model } = found
      const push = verbOf(found, 'push')
      refuseBusy(id)
      return start('push', id, async (report, signal) => {
        await push.call(found.inventory.provider, model.key, insecure, report, signal)
        return `Pushed ${model.key}`
      })
    },

    create: ({ model: id, ...request }: CreateRequest): Job => {
      const { provider, key } = providerOf(id, 'create')
      refuseBusy(id)
      return start('create', id, async (report, signal) => {
        const name = await provider.create?.({ ...request, key }, report, signal)
        return `Created ${name}`
      })
    },

    copy,
    rename: async (id: ModelId, to: string, signal: AbortSignal): Promise<{ model: ModelId }> => {
      const found = models.find(id)
      verbOf(found, 'copy')
      verbOf(found, 'remove')
      return alone('renamed', [id, idOf(found.inventory.provider.id, to)], async () => {
        const renamed = await copyTo(found, to, signal)
        await removeUnloaded(found, signal)
        return renamed
      })
    },
    removal,
    remove,
    refuseBusy,
  }
}

/** For "it is being …". */
const wordsOf = { pull: 'pulled', push: 'pushed', create: 'created' } as const

export type ModelCare = ReturnType<typeof createModelCare>
