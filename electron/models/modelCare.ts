import type { Job, JobKind, Transfer } from '../../shared/contract/jobs.ts'
import type { CreateRequest, Removal } from '../../shared/contract/modelCare.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import { joinModelId, splitModelId } from '../../shared/modelId.ts'
import { AppError } from '../lib/appError.ts'
import type { Provider, ReportTransfer } from '../providers/provider.ts'
import type { ProviderService } from '../providers/providerService.ts'
import type { ModelService } from './modelService.ts'
import { verbOf } from './modelVerbs.ts'
import { createSpeedometer } from './speedometer.ts'

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
  /** what is being changed now, so that two of one kind do not race: a pull is joined, the rest is refused */
  const underWay = new Map<ModelId, { readonly kind: JobKind; readonly job: Job }>()

  const providerOf = (id: ModelId, verb: 'pull' | 'create'): { provider: Provider; key: string } => {
    const parts = splitModelId(id)
    const provider = parts && providers.inventory(parts.provider)?.provider
    if (!parts || !provider) throw new AppError('PROVIDER_NOT_FOUND', `There is no provider for ${id}.`)
    if (!provider[verb])
      throw new AppError('VERB_NOT_SUPPORTED', provider.cannot[verb] ?? `${provider.name} has no such verb: ${verb}.`)
    return { provider, key: parts.key }
  }

  const refuseBusy = (id: ModelId): void => {
    const other = underWay.get(id)
    if (other) throw new AppError('BUSY', `${id} is already in a ${other.kind}.`)
  }

  const start = (
    kind: 'pull' | 'push' | 'create',
    id: ModelId,
    work: (report: ReportTransfer, signal: AbortSignal) => Promise<string>,
  ): Job => {
    const speed = createSpeedometer(now)
    const job = runJob(kind, id, async ({ signal, report }) => {
      try {
        return await work((text, transfer) => {
          if (transfer === null) return report(null, text, null)
          const { doneBytes, totalBytes } = transfer
          const fraction = totalBytes === null || totalBytes === 0 ? null : Math.min(1, doneBytes / totalBytes)
          report(fraction, text, { ...transfer, bytesPerSecond: speed.at(doneBytes) })
        }, signal)
      } finally {
        underWay.delete(id)
        const provider = splitModelId(id)?.provider
        if (provider !== undefined && providers.inventory(provider)) await providers.check(provider)
      }
    })
    underWay.set(id, { kind, job })
    return job
  }

  const copy = async (id: ModelId, to: string, signal: AbortSignal): Promise<{ model: ModelId }> => {
    const found = models.find(id)
    const { provider } = found.inventory
    const make = verbOf(found, 'copy')
    refuseBusy(id)
    const key = await make.call(provider, found.model.key, to, signal)
    await providers.check(provider.id)
    return { model: ModelId.parse(joinModelId(provider.id, key)) }
  }

  const removal = async (id: ModelId, signal: AbortSignal): Promise<Removal> => {
    const found = models.find(id)
    const { provider } = found.inventory
    verbOf(found, 'remove')
    const known = await provider.removal?.(found.model.key, signal)
    const { freedBytes = null, sharedWith = [], alsoRemoved = [], notes = [] } = known ?? {}
    const idsOf = (keys: readonly string[]) => keys.map((key) => ModelId.parse(joinModelId(provider.id, key)))
    return { model: id, freedBytes, sharedWith: idsOf(sharedWith), alsoRemoved: idsOf(alsoRemoved), notes: [...notes] }
  }

  const remove = async (id: ModelId, signal: AbortSignal): Promise<Removal> => {
    refuseBusy(id)
    const freed = await removal(id, signal)
    const { inventory, model } = models.find(id)
    const { state } = models.status(id)
    // a server that removes the files of a loaded model may keep it in memory, where nobody can name it any more
    if (state === 'loaded' || state === 'loading') await models.unload(id)
    await inventory.provider.remove?.(model.key, signal)
    await providers.check(inventory.provider.id)
    return freed
  }

  return {
    pull: (id: ModelId, options: { quantization?: string | undefined; insecure?: boolean | undefined }): Job => {
      const other = underWay.get(id)
      if (other?.kind === 'pull') return other.job
      const { provider, key } = providerOf(id, 'pull')
      refuseBusy(id)
      return start('pull', id, async (report, signal) => {
        const name = await provider.pull?.({ name: key, ...options }, report, signal)
        return `Pulled ${name}`
      })
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
      const { provider } = found.inventory
      const remove = verbOf(found, 'remove')
      const { state } = models.status(id)
      const renamed = await copy(id, to, signal)
      if (state === 'loaded' || state === 'loading') await models.unload(id)
      await remove.call(provider, found.model.key, signal)
      await providers.check(provider.id)
      return renamed
    },
    removal,
    remove,
  }
}

export type ModelCare = ReturnType<typeof createModelCare>
