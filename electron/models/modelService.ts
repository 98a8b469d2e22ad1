import type { Job } from '../../shared/contract/jobs.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type {
  Instance,
  InstanceId,
  LoadOptions,
  Model,
  ModelDetails,
  ModelState,
  ModelStatus,
} from '../../shared/contract/models.ts'
import { splitModelId } from '../../shared/modelId.ts'
import type { SpeedRepository } from '../catalog/speedRepository.ts'
import { untilAborted } from '../lib/untilAborted.ts'
import { createModelActivity } from './modelActivity.ts'
import { createModelAnswers } from './modelAnswers.ts'
import { type ModelFilter, matchesFilter } from './modelFilter.ts'
import { createModelLoads, type ModelLoadsDeps } from './modelLoads.ts'
import { createModelNews, type Found } from './modelNews.ts'
import { createModelReservations } from './modelReservations.ts'
import { createModelView, idOf, type ModelViewDeps } from './modelView.ts'

export interface ModelServiceDeps
  extends Omit<ModelViewDeps, 'activity'>,
    Omit<ModelLoadsDeps, 'view' | 'activity' | 'announce' | 'lookAgain' | 'mark'> {
  readonly speeds: SpeedRepository
  /** keys that a search of this provider's own finds; null: it has none */
  readonly search: (provider: string, text: string) => readonly string[] | null
  readonly publish: {
    models(changed: Model[], removed: ModelId[]): void
    instances(instances: Instance[]): void
  }
  readonly mark: (kind: 'load' | 'unload' | 'crash', model: ModelId) => void
}

/** One list over all providers, and the verbs on it. */
export const createModelService = (deps: ModelServiceDeps) => {
  const { providers, speeds, now, publish, mark } = deps
  const activity = createModelActivity(speeds.all())
  const view = createModelView({ ...deps, activity })
  const { find, situationOf, modelOf, statusOf, allInstances } = view
  const news = createModelNews({ inventory: providers.inventory, idOf, situationOf, modelOf, publish: publish.models })
  /** state of each instance's model, as its provider last told */
  const alive = new Map<ModelId, ModelState>()

  const announce = ({ inventory, model }: Found): void => {
    news.changed(inventory.provider.id, [model.key])
    publish.instances(allInstances())
  }

  /**
   * A look that finds what was just done; who gives up does not wait for a server that hangs. A look turns its own faults into
   * the provider's status, so what is left to reject is that the caller gave up or that the provider was removed meanwhile.
   */
  const lookAgain = async (provider: string, signal: AbortSignal): Promise<void> => {
    if (providers.inventory(provider)) await untilAborted(providers.check(provider), signal).catch(() => {})
  }

  const loads = createModelLoads({ ...deps, view, activity, announce, lookAgain })
  const reservations = createModelReservations({ view, activity, loads, now })
  const answers = createModelAnswers({ view, activity, speeds, now, announce })

  /** The other places of these models changed. */
  const placesChanged = (ids: readonly ModelId[]): void => {
    const keys = Map.groupBy(ids, (id) => splitModelId(id)?.provider ?? '')
    for (const [provider, changed] of keys)
      news.changed(
        provider,
        changed.flatMap((id) => splitModelId(id)?.key ?? []),
      )
  }

  return {
    placesChanged,
    list: (filter: ModelFilter): Model[] =>
      providers
        .inventories()
        .filter(({ provider }) => !filter.provider || provider.id === filter.provider)
        .flatMap((inventory) => {
          const found = filter.search ? deps.search(inventory.provider.id, filter.search) : null
          return view.allOf(inventory).filter(matchesFilter(filter, found))
        }),

    details: async (id: ModelId, signal: AbortSignal): Promise<ModelDetails> => {
      const found = find(id)
      return { model: modelOf(found), ...(await found.inventory.provider.details(found.model.key, signal)) }
    },

    status: (id: ModelId): ModelStatus => statusOf(find(id)),
    instances: allInstances,

    load: async (id: ModelId, options: LoadOptions, wait: boolean): Promise<Instance | Job> => {
      activity.refuseReserved(id)
      const { instance, job } = loads.ensureLoaded(id, options)
      return wait || !job ? instance : job
    },
    unload: async (id: ModelId, instance: InstanceId | null = null): Promise<ModelStatus> => {
      activity.refuseReserved(id)
      return loads.unload(id, instance)
    },
    keepAlive: async (id: ModelId, value: NonNullable<LoadOptions['keepAlive']>, signal: AbortSignal) => {
      activity.refuseReserved(id)
      return loads.keepAlive(id, value, signal)
    },
    ...answers,
    ...reservations,
    refuseReserved: activity.refuseReserved,
    /** As `list` tells it. */
    get: (id: ModelId): Model => modelOf(find(id)),
    find,
    peek: view.peek,
    lookAgain,
    refuseOutage: view.refuseOutage,

    /** Nobody loads it until the returned function is called. `what`: for "it is being …". */
    hold: (id: ModelId, what: string): (() => void) => {
      activity.refuseReserved(id)
      activity.held.set(id, what)
      return () => void activity.held.delete(id)
    },

    /** A provider said that something changed. */
    providerChanged: (provider: string, what: 'status' | 'models' | 'instances'): void => {
      const inventory = providers.inventory(provider)
      if (!inventory || what !== 'instances') {
        const isOutageNew = news.outageChanged(provider)
        if (inventory && what === 'status' && !isOutageNew) return
        if (inventory) news.changed(provider, inventory.models.keys())
        for (const id of news.removed(provider)) activity.forget(id)
        return
      }
      const states = new Map(inventory.instances.map(({ key, state }) => [idOf(provider, key), state]))
      for (const [id, state] of states) if (state === 'failed' && alive.get(id) === 'loaded') mark('crash', id)
      const before = [...alive.keys()].filter((id) => splitModelId(id)?.provider === provider)
      for (const id of before) alive.delete(id)
      for (const [id, state] of states) alive.set(id, state)
      news.changed(provider, new Set([...before, ...states.keys()].flatMap((id) => splitModelId(id)?.key ?? [])))
      publish.instances(allInstances())
    },
  }
}

export type ModelService = ReturnType<typeof createModelService>
