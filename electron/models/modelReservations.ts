import type { ModelId } from '../../shared/contract/modelId.ts'
import type { Instance, LoadOptions, Model } from '../../shared/contract/models.ts'
import { AppError } from '../lib/appError.ts'
import type { Provider } from '../providers/provider.ts'
import type { ModelActivity } from './modelActivity.ts'
import type { ModelLoads } from './modelLoads.ts'
import type { Found } from './modelNews.ts'
import type { ModelView } from './modelView.ts'

/** The right to load and unload a model, which nobody else has until it is released. */
export interface Reservation {
  readonly model: Model
  readonly key: string
  readonly provider: Provider
  /** null: it is not loaded */
  instance(): Instance | null
  /** Loads it with these options, anew when it was loaded with others; at once where its server loads by itself. */
  load(options: LoadOptions, signal: AbortSignal): Promise<Instance | null>
  /** At once where its server unloads by itself. */
  unload(signal: AbortSignal): Promise<void>
  /**
   * Puts back what was loaded before and lets others at it. `quickly`: Berth closes, and nothing is loaded any more. Resolves
   * with what could not be put back, in words.
   */
  release(quickly?: boolean): Promise<string | null>
}

export interface ModelReservationsDeps {
  readonly view: ModelView
  readonly activity: ModelActivity
  readonly loads: ModelLoads
  readonly now: () => number
}

/**
 * Longer than any pause within a measurement, so that the model does not go away in its middle; not for good, because a Berth
 * that is killed cannot take it back from a server that lives on.
 */
const keptSeconds = 3600

type Options = Omit<LoadOptions, 'keepAlive'>
interface Before {
  readonly options: Options
  readonly keepAlive: LoadOptions['keepAlive']
}

const withoutKeepAlive = ({ keepAlive: _, ...options }: LoadOptions): Options => options
const measured = (instance: Instance): Instance => ({ ...instance, options: withoutKeepAlive(instance.options) })

const sameOptions = (a: Options, b: Options): boolean => {
  const told = (options: Options) =>
    JSON.stringify(
      Object.entries(options)
        .filter(([, value]) => value !== undefined)
        .sort(),
    )
  return told(a) === told(b)
}

export const createModelReservations = ({ view, activity, loads, now }: ModelReservationsDeps) => {
  /** Null also when its provider was removed meanwhile. */
  const loadedOf = (id: ModelId): Instance | null => {
    const found = view.peek(id)
    return (found && view.instancesOf(found).find(({ state }) => state === 'loaded')) ?? null
  }

  /** @throws AppError BUSY: somebody loads, unloads, changes or uses it now */
  const refuseBusy = ({ id, ...found }: Found): void => {
    activity.refuseReserved(id)
    const other =
      activity.held.get(id) ?? (activity.loads.has(id) ? 'loaded' : activity.unloads.has(id) ? 'unloaded' : undefined)
    if (other !== undefined) throw new AppError('BUSY', `${id} is being ${other}.`)
    const isAsked = view.instancesOf({ id, ...found }).some(({ activeRequests }) => (activeRequests ?? 0) > 0)
    if (isAsked || activity.answering.has(id))
      throw new AppError('BUSY', `${id} is answering.`, { advice: 'Wait until it has answered.' })
  }

  const keepAliveOf = ({ options, expiresAt }: Instance): LoadOptions['keepAlive'] => {
    if (options.keepAlive !== undefined) return options.keepAlive
    if (expiresAt === null) return undefined
    return expiresAt === 'never' ? 'forever' : Math.max(1, Math.ceil((expiresAt - now()) / 1000))
  }

  /** @throws AppError MODEL_NOT_FOUND, BUSY */
  const reserve = (id: ModelId, what: string): Reservation => {
    const first = view.find(id)
    refuseBusy(first)
    activity.reserved.set(id, what)
    const { provider } = first.inventory
    const { lacks, loadable, key } = first.model
    const can = (verb: 'load' | 'unload' | 'keepAlive') =>
      provider[verb] !== undefined && lacks[verb] === undefined && loadable
    const old = loadedOf(id)
    const before: Before | null = old && { options: withoutKeepAlive(old.options), keepAlive: keepAliveOf(old) }
    /** what this reservation itself asked for last, and is loaded with */
    let asked: Options | null = null
    let isTouched = false

    const keep = async (value: NonNullable<LoadOptions['keepAlive']>, signal: AbortSignal): Promise<void> => {
      if (can('keepAlive')) await loads.keepAlive(id, value, signal)
    }
    const isLoadedWith = (current: Instance | null, options: Options): current is Instance =>
      current !== null && sameOptions(asked ?? withoutKeepAlive(current.options), options)

    const loadAnew = async (options: LoadOptions, signal: AbortSignal): Promise<Instance> => {
      if (view.instancesOf(view.find(id)).length > 0) await loads.unload(id)
      signal.throwIfAborted()
      const { instance } = loads.ensureLoaded(id, options)
      const cancel = () => activity.loads.get(id)?.cancel.abort()
      signal.addEventListener('abort', cancel)
      try {
        return await instance
      } finally {
        signal.removeEventListener('abort', cancel)
      }
    }

    const load = async (options: LoadOptions, signal: AbortSignal): Promise<Instance | null> => {
      if (!can('load')) return loadedOf(id)
      const wanted = withoutKeepAlive(options)
      const current = loadedOf(id)
      const isFirst = !isTouched
      isTouched = true
      if (isLoadedWith(current, wanted)) {
        if (isFirst) await keep(keptSeconds, signal)
        return measured(current)
      }
      asked = null
      const kept = provider.ignoredOptions.keepAlive === undefined && can('keepAlive') ? { keepAlive: keptSeconds } : {}
      const loaded = await loadAnew({ ...wanted, ...kept }, signal)
      asked = wanted
      return measured(loaded)
    }

    const unload = async (): Promise<void> => {
      if (!can('unload')) return
      isTouched = true
      asked = null
      await loads.unload(id)
    }

    const putBack = async (quickly: boolean): Promise<void> => {
      const never = new AbortController().signal
      if (before === null) {
        if (can('unload')) await loads.unload(id)
        return
      }
      const current = loadedOf(id)
      const isSame = isLoadedWith(current, before.options)
      if (!isSame && !quickly && can('load'))
        await loadAnew(
          { ...before.options, ...(before.keepAlive !== undefined && { keepAlive: before.keepAlive }) },
          never,
        )
      else if (current && before.keepAlive !== undefined) await keep(before.keepAlive, never)
    }

    return {
      model: view.modelOf(first),
      key,
      provider,
      instance: () => {
        const current = loadedOf(id)
        return current && measured(current)
      },
      load,
      unload,
      release: async (quickly = false) => {
        try {
          if (isTouched) await putBack(quickly)
          return null
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          return error.message
        } finally {
          activity.reserved.delete(id)
        }
      },
    }
  }

  return { reserve, refuseBusy: (id: ModelId): void => refuseBusy(view.find(id)) }
}
