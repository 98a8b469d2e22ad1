import type { Instance, InstanceMemory, LoadOptions, Model } from '../../../shared/contract/models.ts'
import { canBenchmark } from '../../lib/benchmarkDialogs.ts'
import { formatCount } from '../../lib/format.ts'
import { isUnloadable } from '../../lib/instances.ts'

/**
 * A row of the page. `id` stays the same over a crash and a new load, so that an open try box keeps what it shows.
 * `gone`: the provider no longer lists it, but its try box is open and must not vanish under the person's hands.
 */
export interface InstanceRow {
  readonly id: string
  readonly instance: Instance
  readonly name: string
  readonly canChat: boolean
  readonly canMeasure: boolean
  readonly canUnload: boolean
  readonly canKeep: boolean
  readonly gone: boolean
  /** its provider does not answer: this is what it last said */
  readonly stale: boolean
  /** what tells it from others of its model, as its server calls them */
  readonly label: string | null
}

const numbered = (instances: readonly Instance[]): [string, Instance][] => {
  const seen = new Map<string, number>()
  return instances.map((instance) => {
    const nth = (seen.get(instance.model) ?? 0) + 1
    seen.set(instance.model, nth)
    return [nth === 1 ? instance.model : `${instance.model}#${nth}`, instance]
  })
}

const severalTimes = (instances: readonly Instance[]): ReadonlySet<string> => {
  const seen = new Set<string>()
  const again = instances.filter(({ model }) => seen.size === seen.add(model).size)
  return new Set(again.map(({ model }) => model))
}

/** `lmstudio/qwen3#qwen3:2` → `:2`; null for the one that is called as its model is. */
const labelOf = ({ id, model }: Instance): string | null => {
  const name = id.startsWith(`${model}#`) ? id.slice(model.length + 1) : id
  const key = model.slice(model.indexOf('/') + 1)
  return (name.startsWith(key) ? name.slice(key.length) : name) || null
}

/** What is left of an instance that is gone: its name and options; every figure of it is unknown now. */
const asGone = (instance: Instance, model: Model | undefined): Instance => ({
  ...instance,
  state: model?.state ?? 'unloaded',
  reason: model?.reason ?? instance.reason,
  progress: null,
  memory: [],
  contextLength: null,
  gpuLayers: null,
  pid: null,
  loadedAt: null,
  expiresAt: null,
  activeRequests: null,
})

/**
 * Rows in the order they were first seen. A row leaves when its instance is gone, except while it is open.
 * `previous`: the rows shown last; `open`: ids of the rows whose try box is open.
 */
export const instanceRows = (
  instances: readonly Instance[],
  models: ReadonlyMap<string, Model>,
  previous: readonly InstanceRow[],
  open: ReadonlySet<string>,
): InstanceRow[] => {
  const current = new Map(numbered(instances))
  const several = severalTimes(instances)
  const rowOf = (id: string, instance: Instance, gone: boolean): InstanceRow => {
    const model = models.get(instance.model)
    return {
      id,
      instance: gone ? asGone(instance, model) : instance,
      name: model?.name ?? instance.model,
      canChat: model?.verbs.chat ?? false,
      canMeasure: model !== undefined && canBenchmark(model),
      canUnload: model?.verbs.unload ?? false,
      canKeep: model?.verbs.keepAlive ?? false,
      gone,
      stale: model?.stale ?? false,
      label: several.has(instance.model) ? labelOf(instance) : null,
    }
  }
  const rows: InstanceRow[] = []
  for (const { id, instance: last } of previous) {
    const instance = current.get(id)
    current.delete(id)
    if (instance) rows.push(rowOf(id, instance, false))
    else if (open.has(id)) rows.push(rowOf(id, last, true))
  }
  for (const [id, instance] of current) rows.push(rowOf(id, instance, false))
  return rows
}

export const canUnloadNow = ({ instance, canUnload, gone }: InstanceRow): boolean =>
  canUnload && !gone && isUnloadable(instance)

export interface MemorySum {
  /** null: a part of it is not known */
  readonly bytes: number | null
  /** true when the device or the provider said it, false when a part was only computed */
  readonly measured: boolean
}

export const sumMemory = (memory: readonly InstanceMemory[]): MemorySum => ({
  bytes:
    memory.length === 0
      ? null
      : memory.reduce<number | null>((sum, part) => (sum === null || part.bytes === null ? null : sum + part.bytes), 0),
  measured: memory.length > 0 && memory.every((part) => part.source !== 'estimated'),
})

/** What it was loaded with, as short as it can be said; empty when everything is the provider's default. */
export const shortOptions = (options: LoadOptions, gpuLayers: Instance['gpuLayers']): string => {
  const words: string[] = []
  if (gpuLayers) words.push(`${gpuLayers.offloaded}/${gpuLayers.total} layers on GPU`)
  else if (typeof options.gpuLayers === 'number') words.push(`${options.gpuLayers} GPU layers`)
  if (options.kvCacheType) words.push(`KV ${options.kvCacheType}`)
  if (options.flashAttention !== undefined) words.push(`flash attention ${options.flashAttention ? 'on' : 'off'}`)
  if (options.threads !== undefined) words.push(`${options.threads} ${options.threads === 1 ? 'thread' : 'threads'}`)
  if (options.batchSize !== undefined) words.push(`batch ${formatCount(options.batchSize)}`)
  if (options.mmap === false) words.push('no mmap')
  return words.join(' · ')
}

/** `in 4 min 05 s`: two digits where the next one is fixed, so that the text keeps its width while it counts. */
export const countdown = (expiresAt: Instance['expiresAt'], now: number): string => {
  if (expiresAt === null) return '–'
  if (expiresAt === 'never') return 'never'
  const seconds = Math.max(0, Math.ceil((expiresAt - now) / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `in ${Math.floor(hours / 24)} days`
  if (hours > 0) return `in ${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  if (minutes > 0) return `in ${minutes} min ${String(seconds % 60).padStart(2, '0')} s`
  return seconds === 0 ? 'now' : `in ${seconds} s`
}
