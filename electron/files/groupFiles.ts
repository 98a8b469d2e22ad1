import { basename, dirname, relative, sep } from 'node:path'
import { hasGgufName } from './candidate.ts'
import type { FoundFile } from './folderWalk.ts'

/** Files that make one artifact. */
export interface FileGroup {
  /** first shard first; at least one */
  readonly files: readonly [FoundFile, ...FoundFile[]]
  /** shards that should lie beside them and do not; the first few by name */
  readonly missing: { readonly count: number; readonly names: readonly string[] }
}

/** `<prefix>-00001-of-00003.gguf`: the number in the name counts from 1. */
const shardName = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/i

/** The count comes from a file name, so nothing may grow with it. */
const namedMissing = 5

const shardOf = (name: string) => {
  const [, prefix, no, count] = shardName.exec(name) ?? []
  const shard = { prefix: prefix ?? '', no: Number(no), count: Number(count) }
  return prefix !== undefined && shard.count > 1 && shard.no >= 1 && shard.no <= shard.count ? shard : null
}

/** What a model is called by its file: without extension and shard number. */
export const stemOf = (path: string): string => {
  const name = basename(path)
  return shardOf(name)?.prefix ?? name.replace(/\.gguf$/i, '')
}

/** The stem, then with one more parent folder before it each time. */
export const keyCandidates = (root: string, path: string): string[] => {
  const parents = relative(dirname(root), dirname(path)).split(sep).filter(Boolean)
  const keys = [stemOf(path)]
  for (const parent of parents.reverse()) keys.push(`${parent}/${keys.at(-1)}`)
  return keys.filter((key) => key.length <= 900)
}

const groupShards = (files: readonly FoundFile[]): FileGroup[] => {
  const groups: FileGroup[] = []
  const sets = new Map<string, { prefix: string; count: number; parts: Map<number, FoundFile> }>()
  for (const file of files) {
    const shard = shardOf(basename(file.path))
    const id = [dirname(file.path), shard?.prefix, shard?.count].join('\0')
    const set = sets.get(id) ?? { prefix: shard?.prefix ?? '', count: shard?.count ?? 0, parts: new Map() }
    if (shard && !set.parts.has(shard.no)) {
      set.parts.set(shard.no, file)
      sets.set(id, set)
    } else groups.push({ files: [file], missing: { count: 0, names: [] } })
  }
  for (const { parts, prefix, count } of sets.values()) groups.push(toGroup(parts, prefix, count))
  return groups
}

const toGroup = (parts: ReadonlyMap<number, FoundFile>, prefix: string, count: number): FileGroup => {
  const [first, ...rest] = [...parts].sort(([a], [b]) => a - b).map(([, file]) => file)
  if (!first) throw new Error('a shard set has at least one part')
  const digits = (n: number) => String(n).padStart(5, '0')
  const names: string[] = []
  for (let no = 1; no <= count && names.length < namedMissing; no++)
    if (!parts.has(no)) names.push(`${prefix}-${digits(no)}-of-${digits(count)}.gguf`)
  return { files: [first, ...rest], missing: { count: count - parts.size, names } }
}

/**
 * One group per artifact. Of several names for the same bytes (links, hard links, a store's digest names) one stays:
 * a whole set before a part, a name that says GGUF, the name already catalogued, a file before a link to it.
 */
export const groupFiles = (files: readonly FoundFile[], isKnown: (path: string) => boolean): FileGroup[] => {
  const rank = ({ files: [first], missing }: FileGroup): number =>
    (missing.count === 0 ? 8 : 0) +
    (hasGgufName(first.path) ? 4 : 0) +
    (isKnown(first.path) ? 2 : 0) +
    (first.path === first.realPath ? 1 : 0)
  const claimed = new Set<string>()
  return groupShards(files)
    .sort((a, b) => rank(b) - rank(a) || (a.files[0].path < b.files[0].path ? -1 : 1))
    .filter((group) => {
      if (group.files.every((file) => claimed.has(file.identity))) return false
      for (const file of group.files) claimed.add(file.identity)
      return true
    })
    .sort((a, b) => (a.files[0].path < b.files[0].path ? -1 : 1))
}
