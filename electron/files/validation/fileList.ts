import { setImmediate } from 'node:timers/promises'
import { Verdict } from '../../../shared/contract/checks.ts'
import type { FileRow, LabelChange } from '../../../shared/contract/files.ts'
import type { FileRepository, Place, PlaceHash, StoredPlace } from '../../catalog/fileRepository.ts'
import { contains } from '../folderPath.ts'

const pageSize = 200

const rowOf = ({ files: _, fingerprint: _f, known, hashedAt: _h, rules: _r, ...row }: StoredPlace): FileRow => ({
  ...row,
  matches: known === null || row.sha256 === null ? null : known.sha256 === row.sha256,
})

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
 * thousand rows at once would hold the main thread.
 */
export const createFileList = (
  repository: FileRepository,
  publish: (changed: readonly FileRow[], removed: readonly string[]) => void,
) => {
  const places = new Map<string, StoredPlace>()
  /** which places a file belongs to, by its path */
  const holders = new Map<string, Set<string>>()
  let loading: Promise<void> | null = null

  const put = (place: StoredPlace): void => {
    places.set(place.path, place)
    for (const { path } of place.files) holders.set(path, (holders.get(path) ?? new Set()).add(place.path))
  }
  const load = async (): Promise<void> => {
    for (let after = ''; ; ) {
      const page = repository.page(after, pageSize)
      for (const place of page) if (!places.has(place.path)) put(place)
      after = page.at(-1)?.path ?? ''
      if (page.length < pageSize) return
      await setImmediate()
    }
  }
  const loaded = (): Promise<void> => {
    loading ??= load()
    return loading
  }
  const keep = (stored: readonly StoredPlace[]): FileRow[] => {
    for (const place of stored) put(place)
    const rows = stored.map(rowOf)
    if (rows.length > 0) publish(rows, [])
    return rows
  }

  return {
    loaded,
    /** what was loaded and added so far */
    all: (): StoredPlace[] => [...places.values()],
    find: (path: string): StoredPlace | null => places.get(path) ?? repository.find(path),
    /** Places that a file is a part of. */
    holding: (path: string): StoredPlace[] =>
      [...(holders.get(path) ?? [])].flatMap((holder) => {
        const place = places.get(holder)
        return place?.files.some((file) => file.path === path) ? [place] : []
      }),
    below: (folder: string): StoredPlace[] => [...places.values()].filter(({ path }) => contains(folder, path)),

    list: async (query: ListQuery) => {
      await loaded()
      const { search = '', verdict, below, limit = 10_000, offset = 0 } = query
      const words = search.toLowerCase().split(/\s+/).filter(Boolean)
      const rows = [...places.values()]
        .map(rowOf)
        .filter((row) => below === undefined || contains(below, row.path))
        .filter((row) => words.length === 0 || words.every((word) => textOf(row).includes(word)))
      const verdicts = Object.fromEntries(
        Verdict.options.map((one) => [one, rows.filter((row) => row.verdict === one).length]),
      ) as Record<Verdict, number> // every verdict is a key
      const found = verdict === undefined ? rows : rows.filter((row) => row.verdict === verdict)
      found.sort((one, other) => (one.path < other.path ? -1 : 1))
      return { files: found.slice(offset, offset + limit), total: found.length, verdicts }
    },

    save: (entries: readonly { place: Place; fileName: string; report: Buffer }[]): FileRow[] =>
      keep(repository.save(entries)),
    label: (paths: readonly string[], change: LabelChange): FileRow[] => keep(repository.label(paths, change)),
    report: (path: string): Buffer | null => repository.report(path),

    setHashes: (hashes: readonly PlaceHash[]): void => void keep(repository.setHashes(hashes)),

    remove: (paths: readonly string[]): void => {
      repository.remove(paths)
      for (const path of paths) places.delete(path)
      if (paths.length > 0) publish([], paths)
    },
  }
}

export type FileList = ReturnType<typeof createFileList>
