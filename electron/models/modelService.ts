import type { ChatChunk, ChatRequest, ChatResult, EmbedRequest, EmbedResult } from '../../shared/contract/answers.ts'
import { type ErrorCode, errorCodes } from '../../shared/contract/errors.ts'
import type { Job } from '../../shared/contract/jobs.ts'
import type { AdapterChange, Adapters } from '../../shared/contract/modelCare.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import {
  type Instance,
  InstanceId,
  type LoadOptions,
  type Model,
  type ModelDetails,
  type ModelState,
  type ModelStatus,
} from '../../shared/contract/models.ts'
import { joinModelId, splitModelId } from '../../shared/modelId.ts'
import type { SpeedRepository } from '../catalog/speedRepository.ts'
import { AppError } from '../lib/appError.ts'
import { untilAborted } from '../lib/untilAborted.ts'
import type { ProviderInstance, ProviderModel } from '../providers/provider.ts'
import type { Inventory, ProviderService } from '../providers/providerService.ts'
import { createModelNews, type Found, type ModelSituation } from './modelNews.ts'
import { describeVerbs, verbOf } from './modelVerbs.ts'

/** What a load knows of the job that shows it. */
interface LoadContext {
  readonly signal: AbortSignal
  report(fraction: number | null, text: string | null): void
}

export interface ModelServiceDeps {
  readonly providers: ProviderService
  readonly speeds: SpeedRepository
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
  /** replaces reported memory by measured */
  readonly measure: (instance: Instance) => Instance
  /** the other places of these weights */
  readonly sameAs: (model: ModelId) => Model['sameAs']
  readonly search: (provider: string, text: string) => readonly string[] | null
  readonly publish: {
    models(changed: Model[], removed: ModelId[]): void
    instances(instances: Instance[]): void
  }
  readonly mark: (kind: 'load' | 'unload' | 'crash', model: ModelId) => void
}

interface LoadUnderWay {
  readonly options: LoadOptions
  readonly job: Job
  readonly cancel: AbortController
  readonly instance: Promise<Instance>
}

interface UnloadUnderWay {
  /** the server's name of the one that goes; null: all of them go */
  readonly instance: string | null
  readonly done: Promise<void>
}

const never = new AbortController().signal

const idOf = (provider: string, key: string): ModelId => ModelId.parse(joinModelId(provider, key))

/** Options that were asked for are what `current` runs with. */
const agrees = (asked: LoadOptions, current: LoadOptions): boolean =>
  Object.entries(asked).every(
    ([name, value]) => value === undefined || Object.entries(current).some(([n, v]) => n === name && v === value),
  )

/**
 * One list over all providers, and the verbs on it. Callers say "make sure it is loaded"; who else is loading, unloading
 * or using it is settled here.
 */
export const createModelService = (deps: ModelServiceDeps) => {
  const { providers, speeds, now, publish } = deps
  const speedByModel = speeds.all()
  const lastChats = new Map<ModelId, NonNullable<Instance['lastChat']>>()
  const loads = new Map<ModelId, LoadUnderWay>()
  const unloads = new Map<ModelId, UnloadUnderWay>()
  /** models that somebody removes or renames, and what he does */
  const held = new Map<ModelId, string>()
  const failures = new Map<ModelId, string>()
  const estimates = new Map<ModelId, number | null>()
  const defaultEstimates = new WeakMap<ProviderModel, { bytes: number | null }>()
  const alive = new Map<ModelId, ModelState>()

  const find = (id: ModelId): Found => {
    const parts = splitModelId(id)
    const inventory = parts && providers.inventory(parts.provider)
    const model = parts && inventory?.models.get(parts.key)
    if (inventory && model) return { id, inventory, model }
    if (inventory?.models.size === 0) refuseOutage(inventory)
    throw new AppError('MODEL_NOT_FOUND', `There is no model ${id}.`)
  }

  /** @throws AppError what the last look at this provider failed with */
  const refuseOutage = ({ provider, status }: Inventory): void => {
    if (status.state !== 'unreachable') return
    throw new AppError(
      isProviderFault(status.code) ? status.code : 'PROVIDER_UNREACHABLE',
      `${provider.name}: ${status.reason}`,
      {
        advice: status.advice,
      },
    )
  }

  const instanceOf = (inventory: Inventory, { key, instance, ...rest }: ProviderInstance): Instance => {
    const id = idOf(inventory.provider.id, key)
    return deps.measure({
      ...rest,
      id: InstanceId.parse(instance === null ? id : `${id}#${instance}`),
      model: id,
      provider: inventory.provider.id,
      estimatedBytes: estimates.get(id) ?? null,
      lastChat: lastChats.get(id) ?? null,
    })
  }

  const instancesOf = ({ id, inventory, model }: Found): Instance[] => {
    if (inventory.instances.length === 0) return []
    const going = unloads.get(id)
    const goes = ({ instance }: ProviderInstance) => going && (going.instance ?? instance) === instance
    return inventory.instances
      .filter((instance) => instance.key === model.key)
      .map((each) => instanceOf(inventory, goes(each) ? { ...each, state: 'unloading' } : each))
  }

  const stateOf = (found: Found, instances: readonly Instance[]): { state: ModelState; reason: string | null } => {
    if (unloads.get(found.id)?.instance === null) return { state: 'unloading', reason: null }
    const [instance] = instances
    if (instance && instance.state !== 'failed') return { state: instance.state, reason: null }
    if (loads.has(found.id)) return { state: 'loading', reason: null }
    const failure = instance?.reason ?? failures.get(found.id)
    if (failure) return { state: 'failed', reason: failure }
    const loadable = found.inventory.provider.load && found.model.lacks.load === undefined
    return { state: loadable ? 'unloaded' : 'available', reason: null }
  }

  const defaultEstimate = (model: ProviderModel, provider: string): number | null => {
    const known = defaultEstimates.get(model) ?? { bytes: deps.estimate(model, provider, {}) }
    defaultEstimates.set(model, known)
    return known.bytes
  }

  const situationOf = (found: Found): ModelSituation => {
    const { inventory, model, id } = found
    const { state, reason } = stateOf(found, instancesOf(found))
    const outage = inventory.status.state === 'unreachable' ? inventory.status.reason : null
    return {
      state,
      reason: reason ?? model.reason ?? outage,
      stale: inventory.stale,
      sameAs: deps.sameAs(id),
      tokensPerSecond: speedByModel.get(id) ?? null,
    }
  }

  const modelOf = (found: Found): Model => {
    const { inventory, model, id } = found
    const { lacks: _, ...facts } = model
    const provider = inventory.provider.id
    return {
      ...facts,
      ...situationOf(found),
      model: id,
      provider,
      estimatedBytes: defaultEstimate(model, provider),
      ...describeVerbs(found),
    }
  }

  const allOf = (inventory: Inventory): Model[] =>
    [...inventory.models.values()].map((model) =>
      modelOf({ id: idOf(inventory.provider.id, model.key), inventory, model }),
    )

  const allInstances = (): Instance[] =>
    providers
      .inventories()
      .flatMap((inventory) => inventory.instances.map((instance) => instanceOf(inventory, instance)))

  const statusOf = (found: Found): ModelStatus => {
    const instances = instancesOf(found)
    return { model: found.id, ...stateOf(found, instances), stale: found.inventory.stale, instances }
  }

  const news = createModelNews({ inventory: providers.inventory, idOf, situationOf, modelOf, publish: publish.models })

  const announceOne = ({ inventory, model }: Found): void => {
    news.changed(inventory.provider.id, [model.key])
    publish.instances(allInstances())
  }

  /** A look that finds what was just done; who gives up does not wait for a server that hangs. */
  const lookAgain = async (provider: string, signal: AbortSignal): Promise<void> => {
    if (providers.inventory(provider)) await untilAborted(providers.check(provider), signal).catch(() => {})
  }

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
        await unloading?.done.catch(() => {}) // its own caller hears of that
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
        announceOne(found)
      }
    })
    const underWay = { options, job, cancel, instance: promise }
    loads.set(id, underWay)
    announceOne(found)
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
      announceOne(found)
    })
    const underWay = { instance, done }
    unloads.set(id, underWay)
    announceOne(found)
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

  /** It may be gone by now. */
  const statusAfter = ({ id, inventory, model }: Found): ModelStatus => {
    const current = providers.inventory(inventory.provider.id)
    if (current?.models.has(model.key)) return statusOf(find(id))
    return { model: id, state: 'unloaded', reason: null, stale: false, instances: [] }
  }

  /** It answers now: it is loaded, or there is nothing to load. */
  const checkAnswers = (found: Found): void => {
    const { state, reason } = statusOf(found)
    if (state === 'loaded' || state === 'available') return
    const why = state === 'failed' ? `failed: ${reason}` : `is ${state}.`
    throw new AppError('MODEL_NOT_LOADED', `${found.id} ${why}`)
  }

  const chat = async function* (request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatChunk, void, void> {
    const found = find(request.model)
    const { provider } = found.inventory
    const ask = verbOf(found, 'chat')
    checkAnswers(found)
    const { model: id, stream: _, ...rest } = request
    for await (const chunk of ask.call(provider, found.model.key, rest, signal)) {
      if (chunk.type !== 'done') {
        yield chunk
        continue
      }
      const { ttftMs, tokensPerSecond } = chunk.timings
      lastChats.set(id, { ttftMs, tokensPerSecond, at: now() })
      if (tokensPerSecond !== null) {
        speedByModel.set(id, tokensPerSecond)
        speeds.save(id, tokensPerSecond, now())
      }
      announceOne(found)
      yield { ...chunk, model: id }
    }
  }

  const embed = async ({ model: id, input }: EmbedRequest, signal: AbortSignal): Promise<EmbedResult> => {
    const found = find(id)
    const ask = verbOf(found, 'embed')
    checkAnswers(found)
    const startedAt = performance.now()
    const result = await ask.call(found.inventory.provider, found.model.key, input, signal)
    if (result.embeddings.length !== input.length)
      throw new AppError(
        'PROVIDER_BAD_ANSWER',
        `${found.inventory.provider.name} answered ${result.embeddings.length} vectors for ${input.length} texts.`,
      )
    return { ...result, model: id, totalMs: performance.now() - startedAt }
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

  const adapters = async (id: ModelId, change: AdapterChange | null, signal: AbortSignal): Promise<Adapters> => {
    const found = find(id)
    const { provider } = found.inventory
    const read = verbOf(found, 'adapters')
    checkAnswers(found)
    if (change === null) return read.call(provider, found.model.key, signal)
    if (!provider.changeAdapter) throw new AppError('VERB_NOT_SUPPORTED', `${provider.name} cannot change adapters.`)
    return provider.changeAdapter(found.model.key, change, signal)
  }

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
    list: (filter: {
      search?: string | undefined
      provider?: string | undefined
      state?: ModelState | undefined
      capability?: string | undefined
      price?: 'free' | 'paid' | undefined
    }): Model[] =>
      providers
        .inventories()
        .filter((inventory) => !filter.provider || inventory.provider.id === filter.provider)
        .flatMap((inventory) => {
          const matches = filter.search
            ? matcher(deps.search(inventory.provider.id, filter.search), filter.search)
            : () => true
          return allOf(inventory).filter(
            (model) =>
              matches(model) &&
              (!filter.state || model.state === filter.state) &&
              (!filter.capability || model.capabilities.includes(filter.capability)) &&
              (!filter.price || (filter.price === 'free') === (model.price === null || model.price.free)),
          )
        }),

    details: async (id: ModelId, signal: AbortSignal): Promise<ModelDetails> => {
      const found = find(id)
      return { model: modelOf(found), ...(await found.inventory.provider.details(found.model.key, signal)) }
    },

    status: (id: ModelId): ModelStatus => statusOf(find(id)),
    instances: allInstances,

    load: async (id: ModelId, options: LoadOptions, wait: boolean): Promise<Instance | Job> => {
      const { instance, job } = ensureLoaded(id, options)
      return wait || !job ? instance : job
    },
    unload,
    chat,
    embed,
    keepAlive,
    adapters,
    find,
    lookAgain,
    refuseOutage,

    /** Nobody loads it until the returned function is called. `what`: for "it is being …". */
    hold: (id: ModelId, what: string): (() => void) => {
      held.set(id, what)
      return () => void held.delete(id)
    },

    complete: async (request: ChatRequest, signal: AbortSignal): Promise<ChatResult> => {
      let content = ''
      for await (const chunk of chat(request, signal)) {
        if (chunk.type === 'text') content += chunk.text
        else if (chunk.type === 'done') {
          const { type: _, ...summary } = chunk
          return { ...summary, message: { role: 'assistant', content } }
        }
      }
      throw new AppError('PROVIDER_BAD_ANSWER', 'The answer ended without its figures.')
    },

    /** A provider said that something changed. */
    providerChanged: (provider: string, what: 'status' | 'models' | 'instances'): void => {
      const inventory = providers.inventory(provider)
      if (!inventory || what !== 'instances') {
        const isOutageNew = news.outageChanged(provider)
        if (inventory && what === 'status' && !isOutageNew) return
        if (inventory) news.changed(provider, inventory.models.keys())
        for (const id of news.removed(provider)) for (const known of [failures, estimates, lastChats]) known.delete(id)
        return
      }
      const states = new Map(inventory.instances.map(({ key, state }) => [idOf(provider, key), state]))
      for (const [id, state] of states) if (state === 'failed' && alive.get(id) === 'loaded') deps.mark('crash', id)
      const before = [...alive.keys()].filter((id) => splitModelId(id)?.provider === provider)
      for (const id of before) alive.delete(id)
      for (const [id, state] of states) alive.set(id, state)
      news.changed(provider, new Set([...before, ...states.keys()].flatMap((id) => splitModelId(id)?.key ?? [])))
      publish.instances(allInstances())
    },
  }
}

export type ModelService = ReturnType<typeof createModelService>

const isProviderFault = (code: string): code is ErrorCode =>
  code.startsWith('PROVIDER_') && Object.hasOwn(errorCodes, code)

/** A server that does not let go within this time is reported. */
const unloadLimitMs = 60_000

const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

const matcher = (keys: readonly string[] | null, text: string): ((model: Model) => boolean) => {
  if (keys) {
    const found = new Set(keys)
    return (model) => found.has(model.key)
  }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return ({ model, name, architecture, quantization }) => {
    const all = `${model} ${name} ${architecture ?? ''} ${quantization ?? ''}`.toLowerCase()
    return words.every((word) => all.includes(word))
  }
}
