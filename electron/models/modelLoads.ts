import type { Job } from '../../shared/contract/jobs.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { Instance, InstanceId, LoadOptions, ModelStatus } from '../../shared/contract/models.ts'
import { AppError } from '../lib/appError.ts'
import { untilAborted } from '../lib/untilAborted.ts'
import type { ProviderModel } from '../providers/provider.ts'
import type { LoadUnderWay, ModelActivity } from './modelActivity.ts'
import type { Found } from './modelNews.ts'
import { verbOf } from './modelVerbs.ts'
import type { ModelView } from './modelView.ts'

/** What a load knows of the job that shows it. */
interface LoadContext {
  readonly signal: AbortSignal
  report(fraction: number | null, text: string | null): void
}

export interface ModelLoadsDeps {
  readonly view: ModelView
  readonly activity: ModelActivity
  readonly now: () => number
  /** runs `work` as a job; `finished` resolves when it ended, however it ended */
  readonly runJob: (
    model: ModelId,
    work: (context: LoadContext) => Promise<string>,
  ) => { job: Job; finished: Promise<void> }
  /** bytes needed with these options, or null when that cannot be computed */
  readonly estimate: (model: ProviderModel, provider: string, options: LoadOptions) => number | null
  /** bytes of all memory a model could ever use here; null when unknown */
  readonly capacityBytes: () => number | null
  readonly mark: (kind: 'load' | 'unload', model: ModelId) => void
  /** its state changed */
  readonly announce: (found: Found) => void
  /** a look that finds what was just done */
  readonly lookAgain: (provider: string, signal: AbortSignal) => Promise<void>
}

const never = new AbortController().signal
/** A server that does not let go within this time is reported. */
const unloadLimitMs = 60_000

/** Options that were asked for are what `current` runs with. */
const agrees = (asked: LoadOptions, current: LoadOptions): boolean =>
  Object.entries(asked).every(
    ([name, value]) => value === undefined || Object.entries(current).some(([n, v]) => n === name && v === value),
  )

/** Callers say "make sure it is loaded"; who else is loading, unloading or using it is settled here. */
export const createModelLoads = (deps: ModelLoadsDeps) => {
  const { view, activity, now, announce, lookAgain } = deps
  const { find, instanceOf, instancesOf, statusOf, statusAfter } = view
  const { loads, unloads, held, failures, estimates } = activity

  const checkLoadable = (found: Found, options: LoadOptions): void => {
    const { inventory, model, id } = found
    verbOf(found, 'load')
    if (!model.loadable) throw new AppError('MODEL_NOT_LOADABLE', model.reason ?? undefined)
    const needed = deps.estimate(model, inventory.provider.id, options)
    const capacity = deps.capacityBytes()
    estimates.set(id, needed)
    if (needed !== null && capacity !== null && needed > capacity) {
      const missingBytes = needed - capacity
      throw new AppError(
        'OUT_OF_MEMORY',
        `${id} would need about ${gib(needed)}; this machine has ${gib(capacity)}, ${gib(missingBytes)} too little.`,
        {
          details: { missingBytes, neededBytes: needed },
        },
      )
    }
  }

  const startLoad = (found: Found, options: LoadOptions): LoadUnderWay => {
    const { id, inventory, model } = found
    const cancel = new AbortController()
    const { promise, resolve, reject } = Promise.withResolvers<Instance>()
    promise.catch(() => {}) // the job reports it too; with wait: false nobody else listens
    failures.delete(id)
    const unloading = unloads.get(id) // one that is asked for later waits for this load
    const { job } = deps.runJob(id, async ({ signal, report }) => {
      const either = AbortSignal.any([signal, cancel.signal])
      const startedAt = now()
      try {
        if (unloading) await untilAborted(unloading.done, either).catch(() => {}) // its own caller hears of a fault
        either.throwIfAborted()
        const load = verbOf(found, 'load')
        const onProgress = (fraction: number | null) =>
          report(fraction, fraction === null ? 'loading, no progress reported' : null)
        const loaded = await load.call(inventory.provider, model.key, options, onProgress, either)
        deps.mark('load', id)
        await lookAgain(inventory.provider.id, either) // until then it is this load that others join
        resolve(instanceOf(inventory, loaded))
        return `Loaded in ${((now() - startedAt) / 1000).toFixed(1)} s`
      } catch (error) {
        const cancelled = either.aborted || (error instanceof AppError && error.code === 'CANCELLED')
        const failure = cancelled ? new AppError('CANCELLED', `Loading ${id} was cancelled.`, { cause: error }) : error
        if (!cancelled) failures.set(id, failure instanceof Error ? failure.message : String(failure))
        reject(failure)
        throw failure
      } finally {
        if (loads.get(id) === underWay) loads.delete(id)
        announce(found)
      }
    })
    const underWay = { options, job, cancel, instance: promise }
    loads.set(id, underWay)
    announce(found)
    return underWay
  }

  /** Not one that an unload is ending. */
  const loadToJoin = (id: ModelId): LoadUnderWay | null => {
    const underWay = loads.get(id)
    return underWay && !underWay.cancel.signal.aborted ? underWay : null
  }

  /** Loads it, joins whoever is loading it, or finds it loaded. */
  const ensureLoaded = (id: ModelId, options: LoadOptions): { instance: Promise<Instance>; job: Job | null } => {
    const found = find(id)
    const underWay = loadToJoin(id)
    if (underWay) {
      if (!agrees(options, underWay.options))
        throw new AppError('BUSY', `${id} is being loaded with other options.`, { advice: 'Cancel that load first.' })
      return underWay
    }
    const other = held.get(id)
    if (other !== undefined) throw new AppError('BUSY', `${id} is being ${other}.`)
    const [current] = instancesOf(found).filter((instance) => instance.state === 'loaded')
    if (current) {
      if (!agrees(options, current.options))
        throw new AppError('BUSY', `${id} is loaded with other options.`, { advice: 'Unload it first.' })
      return { instance: Promise.resolve(current), job: null }
    }
    checkLoadable(found, options)
    return startLoad(found, options)
  }

  const endInstances = async (found: Found, instance: string | null): Promise<void> => {
    const { provider } = found.inventory
    const had = instancesOf(found).length > 0
    await provider.unload?.(found.model.key, instance, AbortSignal.timeout(unloadLimitMs))
    if (had) deps.mark('unload', found.id)
    await lookAgain(provider.id, never)
  }

  const startUnload = (found: Found, instance: string | null): Promise<void> => {
    const { id } = found
    const [before, load] = [unloads.get(id), loads.get(id)]
    load?.cancel.abort()
    const end = async (): Promise<void> => {
      await before?.done.catch(() => {}) // its own caller hears of that
      await load?.instance.catch(() => {}) // cancelled, as asked
      failures.delete(id)
      await endInstances(found, instance)
    }
    const done = end().finally(() => {
      if (unloads.get(id) === underWay) unloads.delete(id)
      announce(found)
    })
    const underWay = { instance, done }
    unloads.set(id, underWay)
    announce(found)
    return done
  }

  /** Cancels its load, or ends its instances; two who ask share one unload. `instance`: only this one of several. */
  const unload = async (id: ModelId, instance: InstanceId | null = null): Promise<ModelStatus> => {
    const found = find(id)
    verbOf(found, 'unload')
    const one = instance?.startsWith(`${id}#`) ? instance.slice(id.length + 1) : null
    if (one !== null && !instancesOf(found).some((each) => each.id === instance))
      throw new AppError('MODEL_NOT_LOADED', `There is no instance ${instance}.`)
    const other = unloads.get(id)
    const isEnough = other && !loadToJoin(id) && (other.instance === null || other.instance === one)
    await (isEnough ? other.done : startUnload(found, one))
    return statusAfter(found)
  }

  const keepAlive = async (
    id: ModelId,
    value: NonNullable<LoadOptions['keepAlive']>,
    signal: AbortSignal,
  ): Promise<ModelStatus> => {
    const found = find(id)
    const ask = verbOf(found, 'keepAlive')
    if (statusOf(found).state !== 'loaded') throw new AppError('MODEL_NOT_LOADED', `${id} is not loaded.`)
    await ask.call(found.inventory.provider, found.model.key, value, signal)
    await lookAgain(found.inventory.provider.id, signal)
    return statusAfter(found)
  }

  return { ensureLoaded, unload, keepAlive }
}
export type ModelLoads = ReturnType<typeof createModelLoads>

const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`
