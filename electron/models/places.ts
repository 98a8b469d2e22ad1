import { basename } from 'node:path'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { ModelId } from '../../shared/contract/modelId.ts'
import type { SameWeights } from '../../shared/contract/models.ts'
import { joinModelId } from '../../shared/modelId.ts'
import type { ProviderModel } from '../providers/provider.ts'
import { nameHint } from './nameHint.ts'

export interface PlacesDeps {
  /** every model of a provider as it is now; null when there is no such provider */
  readonly models: (provider: string) => ReadonlyMap<string, ProviderModel> | null
  /** hex SHA-256 of the file with the weights, where somebody has hashed it as it is now */
  readonly sha256Of: (provider: string, model: ProviderModel) => string | null
  /** what tells a file from every other on this machine; null when it is not there */
  readonly fileIdOf: (path: string) => Promise<string | null>
  /** the places of these models changed */
  readonly onChange: (models: readonly ModelId[]) => void
  /** how long to wait between two looks at one provider, so that ten thousand hashes are not ten thousand looks */
  readonly restMs?: number
}

type Marks = {
  /** `digest:…` and `file:…`: equal marks prove equal weights */
  readonly strong: readonly string[]
  readonly name: string | null
  readonly quantization: string | null
}

/** How many models are looked at before others get their turn. */
const slice = 250
/** A person cannot use more, and a thousand copies would be a million links. */
const mostPlaces = 50

const packed = (quantization: string | null): string | null =>
  quantization?.toLowerCase().replace(/[^a-z0-9]/g, '') ?? null

/**
 * Which models of all providers are the same weights: by the hash of the file or of the build, by being the very file, and
 * as a hint by name. Kept up as providers change, in slices.
 */
export const createPlaces = ({ models, sha256Of, fileIdOf, onChange, restMs = 1_000 }: PlacesDeps) => {
  const marks = new Map<ModelId, Marks>()
  const bearers = new Map<string, Set<ModelId>>()
  const same = new Map<ModelId, SameWeights[]>()
  const none: SameWeights[] = []
  const known = new Map<string, Set<ModelId>>()
  const waiting = new Set<string>()
  const resting = new Map<string, Promise<void>>()
  let working: Promise<void> | null = null
  let closed = false

  const marksOf = async (provider: string, model: ProviderModel): Promise<Marks> => {
    const blob = model.path === null ? null : /^sha256-([0-9a-f]{64})$/.exec(basename(model.path))?.[1]
    const sha256 = model.weightsSha256 ?? blob ?? sha256Of(provider, model)
    const file = model.path === null ? null : await fileIdOf(model.path)
    const build = model.digest?.startsWith('sha256:') ? model.digest.slice(7) : null
    const digests = [sha256, build].filter((each) => each !== null)
    return {
      strong: [...digests.map((each) => `digest:${each.toLowerCase()}`), ...(file === null ? [] : [`file:${file}`])],
      name: nameHint(model.key),
      quantization: packed(model.quantization),
    }
  }

  const keysOf = ({ strong, name }: Marks): string[] => [...strong, ...(name === null ? [] : [`name:${name}`])]

  const put = (id: ModelId, next: Marks | null, touched: Set<ModelId>): void => {
    const before = marks.get(id)
    if (before && next && JSON.stringify(before) === JSON.stringify(next)) return
    for (const key of before ? keysOf(before) : []) {
      const others = bearers.get(key)
      others?.delete(id)
      for (const other of others ?? []) touched.add(other)
      if (others?.size === 0) bearers.delete(key)
    }
    if (next) marks.set(id, next)
    else marks.delete(id)
    for (const key of next ? keysOf(next) : []) {
      const others = bearers.get(key) ?? new Set()
      for (const other of others) touched.add(other)
      bearers.set(key, others.add(id))
    }
    touched.add(id)
  }

  const evidenceOf = (mine: Marks, theirs: Marks | undefined): SameWeights['evidence'] | null => {
    if (!theirs) return null
    const shared = mine.strong.filter((each) => theirs.strong.includes(each))
    if (shared.some((each) => each.startsWith('digest:'))) return 'digest'
    if (shared.length > 0) return 'file'
    const { quantization: a } = mine
    const { quantization: b } = theirs
    return mine.name !== null && mine.name === theirs.name && (a === null || b === null || a === b) ? 'name' : null
  }

  const placesOf = (id: ModelId): SameWeights[] => {
    const mine = marks.get(id)
    if (!mine) return none
    const others = new Map<ModelId, SameWeights>()
    for (const key of keysOf(mine))
      for (const other of bearers.get(key) ?? []) {
        if (other === id || others.size >= mostPlaces) continue
        const evidence = evidenceOf(mine, marks.get(other))
        if (evidence) others.set(other, { model: other, evidence })
      }
    return [...others.values()]
  }

  const look = async (provider: string): Promise<void> => {
    const list = models(provider) ?? new Map<string, ProviderModel>()
    const ids = new Set<ModelId>()
    const touched = new Set<ModelId>()
    let count = 0
    for (const model of list.values()) {
      const id = ModelId.parse(joinModelId(provider, model.key))
      ids.add(id)
      put(id, await marksOf(provider, model), touched)
      if (++count % slice === 0) await nextTurn()
      if (closed) return
    }
    for (const id of known.get(provider) ?? []) if (!ids.has(id)) put(id, null, touched)
    known.set(provider, ids)
    const changed: ModelId[] = []
    for (const id of touched) {
      const next = placesOf(id)
      if (JSON.stringify(same.get(id) ?? none) !== JSON.stringify(next)) changed.push(id)
      if (next.length === 0) same.delete(id)
      else same.set(id, next)
      if (++count % slice === 0) await nextTurn()
    }
    if (changed.length > 0 && !closed) onChange(changed)
  }

  const work = async (): Promise<void> => {
    try {
      while (waiting.size > 0 && !closed) {
        const next = [...waiting].find((provider) => !resting.has(provider))
        if (next === undefined) await Promise.race(resting.values())
        else {
          waiting.delete(next)
          await look(next)
          const rested = delay(restMs, undefined, { ref: false }).then(() => void resting.delete(next))
          resting.set(next, rested)
        }
      }
    } finally {
      // in the same turn as the last question: who comes after it is not forgotten
      working = null
    }
  }

  return {
    /** The other places of the same weights; the array is new only when it changed. */
    of: (id: ModelId): SameWeights[] => same.get(id) ?? none,
    /** Models of this provider, or what is known of them, changed. Resolves when that was taken in. */
    changed: (provider: string): Promise<void> => {
      waiting.add(provider)
      working ??= work()
      return working
    },
    close: (): void => {
      closed = true
    },
  }
}
