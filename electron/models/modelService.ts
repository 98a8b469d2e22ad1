import type { ChatChunk, ChatRequest, ChatResult, EmbedRequest, EmbedResult } from '../../shared/contract/answers.ts'
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
import type { ProviderInstance, ProviderModel } from '../providers/provider.ts'
import type { Inventory, ProviderService } from '../providers/providerService.ts'
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

export type Found = { readonly id: ModelId; readonly inventory: Inventory; readonly model: ProviderModel }

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
  const unloads = new Map<ModelId, Promise<void>>()
  const failures = new Map<ModelId, string>()
  const estimates = new Map<ModelId, number | null>()
  const defaultEstimates = new WeakMap<ProviderModel, { bytes: number | null }>()
  const published = new Map<ModelId, { source: ProviderModel; model: Model }>()
  const alive = new Map<ModelId, ModelState>()

  const find = (id: ModelId): Found => {
    const parts = splitModelId(id)
    const inventory = parts && providers.inventory(parts.provider)
    const model = parts && inventory?.models.get(parts.key)
    if (inventory && model) return { id, inventory, model }
    if (inventory?.status.state === 'unreachable' && inventory.models.size === 0) {
      throw new AppError('PROVIDER_UNREACHABLE', `${inventory.provider.name}: ${inventory.status.reason}`, {
        advice: inventory.status.advice,
      })
    }
    throw new AppError('MODEL_NOT_FOUND', `There is no model ${id}.`)
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

  const instancesOf = ({ id, inventory, model }: Found): Instance[] =>
    inventory.instances
      .filter((instance) => instance.key === model.key)
      .map((instance) => instanceOf(inventory, instance))
      .map((instance) => (unloads.has(id) ? { ...instance, state: 'unloading' } : instance))

  const stateOf = (found: Found, instances: readonly Instance[]): { state: ModelState; reason: string | null } => {
    if (unloads.has(found.id)) return { state: 'unloading', reason: null }
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

  const modelOf = (found: Found): Model => {
    const { inventory, model, id } = found
    const { lacks: _, reason, ...facts } = model
    const { provider } = inventory
    const status = stateOf(found, instancesOf(found))
    const outage = inventory.status.state === 'unreachable' ? inventory.status.reason : null
    return {
      ...facts,
      model: id,
      provider: provider.id,
      state: status.state,
      reason: status.reason ?? reason ?? outage,
      stale: inventory.stale,
      estimatedBytes: defaultEstimate(model, provider.id),
      tokensPerSecond: speedByModel.get(id) ?? null,
      sameAs: deps.sameAs(id),
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

  /** Tells the windows what changed in one provider's models, and only that. `keys`: look at these alone. */
  const announce = (inventory: Inventory, keys: Iterable<string> = inventory.models.keys()): void => {
    const changed: Model[] = []
    for (const key of keys) {
      const source = inventory.models.get(key)
      if (!source) continue
      const model = modelOf({ id: idOf(inventory.provider.id, key), inventory, model: source })
      const last = published.get(model.model)
      if (last?.source === source && sameState(last.model, model)) continue
      published.set(model.model, { source, model })
      changed.push(model)
    }
    if (changed.length > 0) publish.models(changed, [])
  }

  const announceRemoved = (provider: string): void => {
    const models = providers.inventory(provider)?.models
    const removed = [...published.values()]
      .map(({ model }) => model)
      .filter((model) => model.provider === provider && !models?.has(model.key))
    for (const { model } of removed) published.delete(model)
    if (removed.length > 0)
      publish.models(
        [],
        removed.map(({ model }) => model),
      )
  }

  const announceOne = ({ inventory, model }: Found): void => {
    announce(providers.inventory(inventory.provider.id) ?? inventory, [model.key])
    publish.instances(allInstances())
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
    const { job } = deps.runJob(id, async ({ signal, report }) => {
      const either = AbortSignal.any([signal, cancel.signal])
      const startedAt = now()
      try {
        await unloads.get(id)?.catch(() => {}) // its own caller hears of that
        const load = verbOf(found, 'load')
        const onProgress = (fraction: number | null) =>
          report(fraction, fraction === null ? 'loading, no progress reported' : null)
        const loaded = await load.call(inventory.provider, model.key, options, onProgress, either)
        loads.delete(id)
        deps.mark('load', id)
        await providers.check(inventory.provider.id)
        resolve(instanceOf(inventory, loaded))
        return `Loaded in ${((now() - startedAt) / 1000).toFixed(1)} s`
      } catch (error) {
        loads.delete(id)
        const cancelled = either.aborted || (error instanceof AppError && error.code === 'CANCELLED')
        const failure = cancelled ? new AppError('CANCELLED', `Loading ${id} was cancelled.`, { cause: error }) : error
        if (!cancelled) failures.set(id, failure instanceof Error ? failure.message : String(failure))
        reject(failure)
        throw failure
      } finally {
        loads.delete(id)
        announceOne(found)
      }
    })
    const underWay = { options, job, cancel, instance: promise }
    loads.set(id, underWay)
    announceOne(found)
    return underWay
  }

  /** Loads it, joins whoever is loading it, or finds it loaded. */
  const ensureLoaded = (id: ModelId, options: LoadOptions): { instance: Promise<Instance>; job: Job | null } => {
    const found = find(id)
    const underWay = loads.get(id)
    if (underWay) {
      if (!agrees(options, underWay.options))
        throw new AppError('BUSY', `${id} is being loaded with other options.`, { advice: 'Cancel that load first.' })
      return underWay
    }
    const [current] = unloads.has(id) ? [] : instancesOf(found).filter((instance) => instance.state === 'loaded')
    if (current) {
      if (!agrees(options, current.options))
        throw new AppError('BUSY', `${id} is loaded with other options.`, { advice: 'Unload it first.' })
      return { instance: Promise.resolve(current), job: null }
    }
    checkLoadable(found, options)
    return startLoad(found, options)
  }

  const startUnload = async (found: Found, instance: string | null): Promise<void> => {
    const { id } = found
    const { provider } = found.inventory
    const had = instancesOf(found).length > 0
    try {
      await provider.unload?.(found.model.key, instance, AbortSignal.timeout(unloadLimitMs))
      if (had) deps.mark('unload', id)
      await providers.check(provider.id)
    } finally {
      unloads.delete(id)
      announceOne(find(id))
    }
  }

  /** Cancels its load, or ends its instances; two who ask share one unload. `instance`: only this one of several. */
  const unload = async (id: ModelId, instance: InstanceId | null = null): Promise<ModelStatus> => {
    const found = find(id)
    verbOf(found, 'unload')
    const one = instance?.startsWith(`${id}#`) ? instance.slice(id.length + 1) : null
    if (one !== null && !instancesOf(found).some((each) => each.id === instance))
      throw new AppError('MODEL_NOT_LOADED', `There is no instance ${instance}.`)
    const underWay = loads.get(id)
    underWay?.cancel.abort()
    await underWay?.instance.catch(() => {}) // cancelled, as asked
    failures.delete(id)
    const unloading = unloads.get(id) ?? startUnload(found, one)
    unloads.set(id, unloading)
    announceOne(found)
    await unloading
    return statusOf(find(id))
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
    await providers.check(found.inventory.provider.id)
    return statusOf(find(id))
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
    for (const [provider, changed] of keys) {
      const inventory = providers.inventory(provider)
      if (inventory)
        announce(
          inventory,
          changed.flatMap((id) => splitModelId(id)?.key ?? []),
        )
    }
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
        if (inventory) announce(inventory)
        announceRemoved(provider)
        return
      }
      const states = new Map(inventory.instances.map(({ key, state }) => [idOf(provider, key), state]))
      for (const [id, state] of states) if (state === 'failed' && alive.get(id) === 'loaded') deps.mark('crash', id)
      const before = [...alive.keys()].filter((id) => splitModelId(id)?.provider === provider)
      for (const id of before) alive.delete(id)
      for (const [id, state] of states) alive.set(id, state)
      announce(inventory, new Set([...before, ...states.keys()].flatMap((id) => splitModelId(id)?.key ?? [])))
      publish.instances(allInstances())
    },
  }
}

export type ModelService = ReturnType<typeof createModelService>

/** A server that does not let go within this time is reported. */
const unloadLimitMs = 60_000

/** What of a model can change while the provider's own words stay the same. */
const sameState = (a: Model, b: Model): boolean =>
  a.state === b.state &&
  a.reason === b.reason &&
  a.stale === b.stale &&
  a.sameAs === b.sameAs &&
  a.tokensPerSecond === b.tokensPerSecond

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
