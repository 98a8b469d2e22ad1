import { type ErrorCode, errorCodes } from '../../shared/contract/errors.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import {
  type Instance,
  InstanceId,
  type LoadOptions,
  type Model,
  type ModelState,
  type ModelStatus,
} from '../../shared/contract/models.ts'
import { joinModelId, splitModelId } from '../../shared/modelId.ts'
import { AppError } from '../lib/appError.ts'
import type { ProviderInstance, ProviderModel } from '../providers/provider.ts'
import type { Inventory } from '../providers/providerEntry.ts'
import type { ProviderService } from '../providers/providerService.ts'
import type { ModelActivity } from './modelActivity.ts'
import type { Found, ModelSituation } from './modelNews.ts'
import { describeVerbs } from './modelVerbs.ts'

export interface ModelViewDeps {
  readonly providers: ProviderService
  readonly activity: ModelActivity
  /** bytes needed with these options, or null when that cannot be computed */
  readonly estimate: (model: ProviderModel, provider: string, options: LoadOptions) => number | null
  /** replaces reported memory by measured */
  readonly measure: (instance: Instance) => Instance
  /** the other places of these weights */
  readonly sameAs: (model: ModelId) => Model['sameAs']
}

export const idOf = (provider: string, key: string): ModelId => ModelId.parse(joinModelId(provider, key))

/** Models and instances as the windows see them: what providers said, and what Berth does with them now. */
export const createModelView = ({ providers, activity, ...deps }: ModelViewDeps) => {
  const { loads, unloads, failures, estimates, lastChats, speeds } = activity
  const defaultEstimates = new WeakMap<ProviderModel, { bytes: number | null }>()

  const peek = (id: ModelId): Found | null => {
    const parts = splitModelId(id)
    const inventory = parts && providers.inventory(parts.provider)
    const model = parts && inventory?.models.get(parts.key)
    return inventory && model ? { id, inventory, model } : null
  }

  const find = (id: ModelId): Found => {
    const found = peek(id)
    if (found) return found
    const inventory = providers.inventory(splitModelId(id)?.provider ?? '')
    if (inventory?.models.size === 0) refuseOutage(inventory)
    throw new AppError('MODEL_NOT_FOUND', `There is no model ${id}.`)
  }

  /** @throws AppError what the last look at this provider failed with, or that the first is still under way */
  const refuseOutage = ({ provider: { name }, status }: Inventory): void => {
    if (status.state === 'checking')
      throw new AppError('PROVIDER_BUSY', `${name} has not said yet which models it has.`, {
        advice: 'Try again in a moment.',
      })
    if (status.state !== 'unreachable') return
    const code = isProviderFault(status.code) ? status.code : 'PROVIDER_UNREACHABLE'
    const words = status.reason.includes(name) ? status.reason : `${name}: ${status.reason}`
    throw new AppError(code, words, { advice: status.advice })
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
      tokensPerSecond: speeds.get(id) ?? null,
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

  return {
    find,
    peek,
    refuseOutage,
    instanceOf,
    instancesOf,
    allInstances,
    situationOf,
    modelOf,
    allOf,
    statusOf,
    statusAfter,
    checkAnswers,
  }
}
export type ModelView = ReturnType<typeof createModelView>

const isProviderFault = (code: string): code is ErrorCode =>
  code.startsWith('PROVIDER_') && Object.hasOwn(errorCodes, code)
