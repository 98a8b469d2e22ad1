import { basename, dirname, relative, sep } from 'node:path'
import { hasGgufName } from './candidate.ts'
import type { FoundFile } from './folderWalk.ts'
import { groupShards, parseShardName, type ShardSet } from './formats/gguf/shards.ts'

/** Files that make one artifact. */
export interface FileGroup {
  /** first shard first; at least one */
  readonly files: readonly [FoundFile, ...FoundFile[]]
  /** what the names say of a model in several files; null: it is one file */
  readonly set: ShardSet | null
}

/** What a model is called by its file: without extension and shard number. */
export const stemOf = (path: string): string => {
  const name = basename(path)
  const shard = parseShardName(name)
  return shard && shard.count > 1 ? shard.prefix : name.replace(/\.gguf$/i, '')
}

const longestKey = 900

/** The stem, then with one more parent folder before it each time. */
export const keyCandidates = (root: string, path: string): string[] => {
  const parents = relative(dirname(root), dirname(path)).split(sep).filter(Boolean)
  const keys = [stemOf(path)]
  for (const parent of parents.reverse()) keys.push(`${parent}/${keys.at(-1)}`)
  return keys.filter((key) => key.length <= longestKey)
}

/** @param files of one folder */
const groupOneFolder = (files: readonly FoundFile[]): FileGroup[] => {
  const byName = new Map(files.map((file) => [basename(file.path), file]))
  const filesOf = (names: readonly string[]) => names.flatMap((name) => byName.get(name) ?? [])
  const { sets, single } = groupShards([...byName.keys()])
  return [
    ...filesOf(single).map((file): FileGroup => ({ files: [file], set: null })),
    ...sets.flatMap((set): FileGroup[] => {
      const [first, ...rest] = filesOf(set.parts)
      return first ? [{ files: [first, ...rest], set }] : []
    }),
  ]
}

const isWhole = ({ set }: FileGroup) => !set || set.parts.length === set.count

/**
 * One group per artifact. Of several names for the same bytes (links, hard links, a store's digest names) one stays:
 * a whole set before a part, a name that says GGUF, the name already catalogued, a file before a link to it.
 */
export const groupFiles = (files: readonly FoundFile[], isKnown: (path: string) => boolean): FileGroup[] => {
  const rank = (group: FileGroup): number => {
    const [first] = group.files
    return (
      (isWhole(group) ? 8 : 0) +
      (hasGgufName(first.path) ? 4 : 0) +
      (isKnown(first.path) ? 2 : 0) +
      (first.path === first.realPath ? 1 : 0)
    )
  }
  const byPath = (a: FileGroup, b: FileGroup) => (a.files[0].path < b.files[0].path ? -1 : 1)
  const claimed = new Set<string>()
  return [...Map.groupBy(files, (file) => dirname(file.path)).values()]
    .flatMap(groupOneFolder)
    .map((group) => ({ group, rank: rank(group) }))
    .sort((a, b) => b.rank - a.rank || byPath(a.group, b.group))
    .flatMap(({ group }) => {
      if (group.files.every((file) => claimed.has(file.identity))) return []
      for (const file of group.files) claimed.add(file.identity)
      return [group]
    })
    .sort(byPath)
}
