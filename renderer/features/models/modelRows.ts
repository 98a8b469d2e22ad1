import type { Model } from '../../../shared/contract/models.ts'

/**
 * A row of the list: one model with every place that holds the same weights. `model` is the place that a click is about: the
 * one that is loaded, else the first that can be loaded.
 */
export interface ModelRow {
  /** stays the same whichever place is in use */
  readonly id: string
  readonly model: Model
  /** in the order of the list; `model` is one of them */
  readonly places: readonly Model[]
  /** the place whose values gave the row its position; it stays when `model` becomes another one */
  readonly anchor: string
}

const inUse = ({ state }: Model): boolean => state === 'loaded' || state === 'loading' || state === 'unloading'

const foremost = (places: readonly [Model, ...Model[]]): Model =>
  places.find(inUse) ?? places.find(({ loadable, verbs }) => loadable && verbs.load) ?? places[0]

const isSame = (a: ModelRow, places: readonly Model[]): boolean =>
  a.places.length === places.length && a.places.every((place, index) => place === places[index])

/** Everything that proves to be the same weights, through others too; a name alone proves nothing. */
const sameWeights = (first: Model, byId: ReadonlyMap<string, Model>): [Model, ...Model[]] => {
  const found = new Map([[first.model as string, first]])
  for (const each of found.values())
    for (const { model, evidence } of each.sameAs) {
      const other = byId.get(model)
      if (other && evidence !== 'name') found.set(model, other)
    }
  const [, ...others] = found.values()
  return [first, ...others]
}

/**
 * A row stands where its `model` does in `models`, and stays there when another place comes into use.
 * @param previous the rows shown last, unless a new sort was asked for: one whose places did not change keeps its object
 */
export const modelRows = (models: readonly Model[], previous: ReadonlyMap<string, ModelRow>): ModelRow[] => {
  // most of ten thousand are nowhere else, and a search must not wait for what only the others need
  const shared = models.filter(isShared)
  const byId = new Map<string, Model>(shared.map((model) => [model.model, model]))
  const rowOf = new Map<string, ModelRow>()
  for (const model of shared) {
    if (rowOf.has(model.model)) continue
    const places = sameWeights(model, byId)
    const id = places.map((place) => place.model as string).sort()[0] ?? model.model
    const row = rowOfPlaces(id, places, previous.get(id))
    for (const place of places) rowOf.set(place.model, row)
  }
  const rows: ModelRow[] = []
  for (const model of models) {
    const row = isShared(model) ? rowOf.get(model.model) : onlyPlace(model, previous.get(model.model))
    if (row?.anchor === model.model) rows.push(row)
  }
  return rows
}

const isShared = ({ sameAs }: Model): boolean => sameAs.some(({ evidence }) => evidence !== 'name')

const onlyPlace = (model: Model, known: ModelRow | undefined): ModelRow =>
  known?.model === model && known.places.length === 1
    ? known
    : { id: model.model, model, places: [model], anchor: model.model }

const rowOfPlaces = (id: string, places: [Model, ...Model[]], known: ModelRow | undefined): ModelRow => {
  if (known && isSame(known, places)) return known
  const model = foremost(places)
  const keepsAnchor = places.some((place) => place.model === known?.anchor)
  return { id, model, places, anchor: known && keepsAnchor ? known.anchor : model.model }
}

/** Names that a provider has for the same weights beside the one that stands there already. */
export const otherNames = ({ model, places }: ModelRow): string[] => {
  const shown = new Map<string, string>([[model.provider, model.model]])
  for (const { provider, key, model: id } of places)
    if (key === model.key) shown.set(provider, shown.get(provider) ?? id)
  for (const { provider, model: id } of places) shown.set(provider, shown.get(provider) ?? id)
  return places.flatMap((place) => (shown.get(place.provider) === place.model ? [] : [place.name]))
}

/** What all places of a row take on disks, as far as it is told; the very same file counts once. */
export const bytesOnDisk = ({ places }: ModelRow): number | null => {
  const counted: string[] = []
  let bytes: number | null = null
  for (const { model, sameAs, sizeBytes } of places) {
    const isCounted = sameAs.some((other) => other.evidence === 'file' && counted.includes(other.model))
    if (!isCounted && sizeBytes !== null) bytes = (bytes ?? 0) + sizeBytes
    counted.push(model)
  }
  return bytes
}
