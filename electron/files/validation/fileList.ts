import { setImmediate } from 'node:timers/promises'
import { Verdict } from '../../../shared/contract/checks.ts'
import type { FileRow, LabelChange } from '../../../shared/contract/files.ts'
import type { FileRepository, PlaceHash, SavedReport, StoredPlace } from '../../catalog/fileRepository.ts'
import { contains } from '../folderPath.ts'
import { rowOf } from './provenance.ts'

const pageSize = 200
/** Rows nobody asked for cost everybody: a tenth of a second for ten thousand. `total` tells that there are more. */
const defaultLimit = 1_000
/** Written in one transaction: the main thread waits for all of it. */
const writtenAtOnce = 32

export interface ListQuery {
  readonly search?: string | undefined
  readonly verdict?: Verdict | undefined
  readonly below?: string | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

const textOf = ({ path, label, architecture, quantization, labels }: FileRow): string =>
  [path, label, architecture, quantization, labels.name, labels.notes, ...labels.tags].join('\n').toLowerCase()

/**
 * The places in memory, as the catalog has them: it is written first, always. They are read page by page, because ten
 * thousand rows at once would hold the main thread; and they are written so.
 */
export const createFileList = (
  repository: FileRepository,
  publish: (changed: readonly FileRow[], removed: readonly string[]) => void,
) => {
  const places = new Map<string, StoredPlace>()
  const rows = new Map<string, FileRow>()
  /** in order of their paths; null: to be put in order anew */
  let inOrder: readonly FileRow[] | null = null
  /** what a search looks into, made when it first does */
  const texts = new WeakMap<FileRow, string>()
  /** which places a file belongs to, by its path */
  const holders = new Map<string, Set<string>>()
  let loading: Promise<void> | null = null
  let isLoaded = false

  const leaveHolders = ({ path, files }: StoredPlace): void => {
    for (const file of files) {
      const of = holders.get(file.path)
      of?.delete(path)
      if (of?.size === 0) holders.delete(file.path)
    }
  }
  const put = (place: StoredPlace): FileRow => {
    const old = places.get(place.path)
    if (old) leaveHolders(old)
    const row = rowOf(place)
    places.set(place.path, place)
    rows.set(place.path, row)
    inOrder = null
    for (const { path } of place.files) holders.set(path, (holders.get(path) ?? new Set()).add(place.path))
    return row
  }
  const load = async (): Promise<void> => {
    for (let after = ''; ; ) {
      const page = repository.page(after, pageSize)
      for (const place of page) if (!places.has(place.path)) put(place)
      after = page.at(-1)?.path ?? ''
      isLoaded = page.length < pageSize
      if (isLoaded) return
      await setImmediate()
    }
  }
  const loaded = (): Promise<void> => {
    loading ??= load()
    return loading
  }
  const keep = (stored: readonly StoredPlace[]): FileRow[] => {
    const changed = stored.map(put)
    if (changed.length > 0) publish(changed, [])
    return changed
  }
  const sorted = (): readonly FileRow[] => {
    inOrder ??= [...rows.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
    return inOrder
  }
  const searched = (row: FileRow): string => {
    const text = texts.get(row) ?? textOf(row)
    texts.set(row, text)
    return text
  }

  const removeSome = (paths: readonly string[]): void => {
    repository.remove(paths)
    for (const path of paths) {
      const place = places.get(path)
      if (place) leaveHolders(place)
      places.delete(path)
      rows.delete(path)
    }
    inOrder = null
    publish([], paths)
  }

  return {
    loaded,
    /** what was loaded and added so far */
    all: (): StoredPlace[] => [...places.values()],
    find: (path: string): StoredPlace | null => places.get(path) ?? (isLoaded ? null : repository.find(path)),
    /** Places that a file is a part of. */
    holding: (path: string): StoredPlace[] =>
      [...(holders.get(path) ?? [])].flatMap((holder) => places.get(holder) ?? []),
    below: (folder: string): StoredPlace[] => [...places.values()].filter(({ path }) => contains(folder, path)),
    rowsBelow: (folder: string): FileRow[] => sorted().filter(({ path }) => contains(folder, path)),

    list: async (query: ListQuery) => {
      await loaded()
      const { search = '', verdict, below, limit = defaultLimit, offset = 0 } = query
      const words = search.toLowerCase().split(/\s+/).filter(Boolean)
      const isWanted = (row: FileRow): boolean =>
        (below === undefined || contains(below, row.path)) &&
        (words.length === 0 || words.every((word) => searched(row).includes(word)))
      const found = below === undefined && words.length === 0 ? sorted() : sorted().filter(isWanted)
      const verdicts = Object.fromEntries(Verdict.options.map((one) => [one, 0])) as Record<Verdict, number> // every key
      for (const row of found) verdicts[row.verdict]++
      const files = verdict === undefined ? found : found.filter((row) => row.verdict === verdict)
      return { files: files.slice(offset, offset + limit), total: files.length, verdicts }
    },

    save: (entries: readonly SavedReport[]): FileRow[] => keep(repository.save(entries)),

    /** Some at a time: who asks for ten thousand waits, and nobody else does. */
    label: async (paths: readonly string[], change: LabelChange): Promise<FileRow[]> => {
      const changed = new Map<string, FileRow>()
      for (let first = 0; first < paths.length; first += writtenAtOnce) {
        if (first > 0) await setImmediate()
        const some = keep(repository.label(paths.slice(first, first + writtenAtOnce), change))
        for (const row of some) changed.set(row.path, row)
      }
      return [...changed.values()]
    },
    report: (path: string): Buffer | null => repository.report(path),
    placeOf: repository.placeOf,

    setHashes: (hashes: readonly PlaceHash[]): void => void keep(repository.setHashes(hashes)),

    remove: async (paths: readonly string[]): Promise<void> => {
      for (let first = 0; first < paths.length; first += writtenAtOnce) {
        if (first > 0) await setImmediate()
        removeSome(paths.slice(first, first + writtenAtOnce))
      }
    },
  }
}

export type FileList = ReturnType<typeof createFileList>
