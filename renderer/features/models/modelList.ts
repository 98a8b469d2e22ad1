import type { Model, ModelRole, ModelState } from '../../../shared/contract/models.ts'
import { type Compare, compareValues, type SortValue } from '../../components/keepOrder.ts'

/** Size on disk in decimal gigabytes, the steps people think in when they look for a model that fits. */
export const sizeClasses = [
  { value: 'under-2', label: 'under 2 GB', fromBytes: 0, toBytes: 2e9 },
  { value: '2-8', label: '2 – 8 GB', fromBytes: 2e9, toBytes: 8e9 },
  { value: '8-24', label: '8 – 24 GB', fromBytes: 8e9, toBytes: 24e9 },
  { value: 'over-24', label: 'over 24 GB', fromBytes: 24e9, toBytes: Number.POSITIVE_INFINITY },
] as const
export type SizeClass = (typeof sizeClasses)[number]['value']

export interface ModelFilter {
  readonly provider: string | null
  readonly state: ModelState | 'stale' | null
  readonly size: SizeClass | null
  readonly role: ModelRole | null
  readonly capability: string | null
  /** only what costs nothing for each answer */
  readonly freeOnly: boolean
}
export const noFilter: ModelFilter = {
  provider: null,
  state: null,
  size: null,
  role: null,
  capability: null,
  freeOnly: false,
}

/** Models are whole values that are replaced when they change, so what is searched in them can be kept by identity. */
const haystacks = new WeakMap<Model, string>()
const haystackOf = (model: Model): string => {
  const known = haystacks.get(model)
  if (known !== undefined) return known
  const haystack = [model.name, model.model, model.architecture, model.quantization, model.role, model.path]
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase()
  haystacks.set(model, haystack)
  return haystack
}

/** Every word of the search stands somewhere in the name, the id, the architecture, the quantisation, role or path. */
export const filterModels = (models: readonly Model[], search: string, filter: ModelFilter): Model[] => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const size = sizeClasses.find((each) => each.value === filter.size)
  return models.filter((model) => {
    if (filter.provider !== null && model.provider !== filter.provider) return false
    if (filter.state === 'stale' ? !model.stale : filter.state !== null && model.state !== filter.state) return false
    if (filter.role !== null && model.role !== filter.role) return false
    if (filter.capability !== null && !model.capabilities.includes(filter.capability)) return false
    if (filter.freeOnly && model.price !== null && !model.price.free) return false
    if (size && (model.sizeBytes === null || model.sizeBytes < size.fromBytes || model.sizeBytes >= size.toBytes))
      return false
    if (words.length === 0) return true
    const haystack = haystackOf(model)
    return words.every((word) => haystack.includes(word))
  })
}

export type SortColumn =
  | 'name'
  | 'provider'
  | 'parameters'
  | 'quantization'
  | 'context'
  | 'size'
  | 'needs'
  | 'fits'
  | 'speed'
  | 'price'
  | 'state'
export interface Sort {
  readonly column: SortColumn
  readonly descending: boolean
}

/** What a million tokens in and as many out cost; what runs here costs nothing. Unknown prices come last. */
const priceOrder = ({ price }: Model): number | null => {
  if (price === null || price.free) return 0
  const { promptUsdPerMillion: prompt, completionUsdPerMillion: completion } = price
  return prompt === null || completion === null ? null : prompt + completion
}

const stateRank: Record<ModelState, number> = {
  loaded: 0,
  loading: 1,
  unloading: 2,
  failed: 3,
  available: 4,
  unloaded: 5,
}

/** `leftBytes`: what stays free after a load, negative when it does not fit; null when nobody knows. */
export const compareModels = (sort: Sort, leftBytes: (model: Model) => number | null): Compare<Model> => {
  const values: Record<SortColumn, (model: Model) => SortValue> = {
    name: (model) => model.name,
    provider: (model) => model.provider,
    parameters: (model) => model.parameterCount,
    quantization: (model) => model.quantization,
    context: (model) => model.contextLength,
    size: (model) => model.sizeBytes,
    needs: (model) => model.estimatedBytes,
    fits: leftBytes,
    speed: (model) => model.tokensPerSecond,
    price: priceOrder,
    state: (model) => stateRank[model.state],
  }
  const value = values[sort.column]
  return (a, b) =>
    compareValues(value(a), value(b), sort.descending) ||
    compareValues(a.name, b.name, false) ||
    compareValues(a.model, b.model, false)
}
