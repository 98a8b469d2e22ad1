import type { Model, ModelRole, ModelState } from '../../../shared/contract/models.ts'

/** Size on disk in decimal gigabytes, the steps people think in when they look for a model that fits. */
export const sizeClasses = [
  { value: 'under-2', label: 'under 2 GB', fromBytes: 0, toBytes: 2e9 },
  { value: '2-8', label: '2 – 8 GB', fromBytes: 2e9, toBytes: 8e9 },
  { value: '8-24', label: '8 – 24 GB', fromBytes: 8e9, toBytes: 24e9 },
  { value: 'over-24', label: 'over 24 GB', fromBytes: 24e9, toBytes: Number.POSITIVE_INFINITY },
] as const
export type SizeClass = (typeof sizeClasses)[number]['value']

export interface ModelFilter {
  readonly search: string
  readonly provider: string | null
  readonly state: ModelState | 'stale' | null
  readonly size: SizeClass | null
  readonly role: ModelRole | null
}
export const noFilter: ModelFilter = { search: '', provider: null, state: null, size: null, role: null }

export const isFiltered = (filter: ModelFilter): boolean =>
  filter.search.trim() !== '' ||
  filter.provider !== null ||
  filter.state !== null ||
  filter.size !== null ||
  filter.role !== null

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
export const filterModels = (models: readonly Model[], filter: ModelFilter): Model[] => {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean)
  const size = sizeClasses.find((each) => each.value === filter.size)
  return models.filter((model) => {
    if (filter.provider !== null && model.provider !== filter.provider) return false
    if (filter.state === 'stale' ? !model.stale : filter.state !== null && model.state !== filter.state) return false
    if (filter.role !== null && model.role !== filter.role) return false
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
  | 'state'
export interface Sort {
  readonly column: SortColumn
  readonly descending: boolean
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
const stateRank: Record<ModelState, number> = { loaded: 0, loading: 1, unloading: 2, failed: 3, unloaded: 4 }

/** Unknown comes last in both directions. */
const compareValues = (a: string | number | null, b: string | number | null, descending: boolean): number => {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'string' || typeof b === 'string' ? collator.compare(String(a), String(b)) : a - b
  return descending ? -order : order
}

/** `leftBytes`: what stays free after a load, negative when it does not fit; null when nobody knows. */
export const compareModels = (sort: Sort, leftBytes: (model: Model) => number | null) => {
  const valueOf: Record<SortColumn, (model: Model) => string | number | null> = {
    name: (model) => model.name,
    provider: (model) => model.provider,
    parameters: (model) => model.parameterCount,
    quantization: (model) => model.quantization,
    context: (model) => model.contextLength,
    size: (model) => model.sizeBytes,
    needs: (model) => model.estimatedBytes,
    fits: leftBytes,
    speed: (model) => model.tokensPerSecond,
    state: (model) => stateRank[model.state],
  }
  const value = valueOf[sort.column]
  return (a: Model, b: Model): number =>
    compareValues(value(a), value(b), sort.descending) ||
    collator.compare(a.name, b.name) ||
    (a.model < b.model ? -1 : a.model > b.model ? 1 : 0)
}

/**
 * The order on the screen while values change: known models keep their places, gone ones leave, and only new ones are
 * put where the sort would have them. Sorting anew is the person's decision: pass no `places` then.
 */
export const arrange = (
  models: readonly Model[],
  places: readonly string[],
  compare: (a: Model, b: Model) => number,
): Model[] => {
  const byId = new Map<string, Model>(models.map((model) => [model.model, model]))
  const kept: Model[] = []
  for (const id of places) {
    const model = byId.get(id)
    if (!model) continue
    kept.push(model)
    byId.delete(id)
  }
  const added = [...byId.values()].sort(compare)
  if (kept.length === 0 || added.length === 0) return kept.length === 0 ? added : kept
  const arranged: Model[] = []
  let next = 0
  for (const model of kept) {
    for (let candidate = added[next]; candidate && compare(candidate, model) < 0; candidate = added[++next])
      arranged.push(candidate)
    arranged.push(model)
  }
  return arranged.concat(added.slice(next))
}
