import type { FolderSource } from '../formats/folderSource.ts'
import { FormatError } from '../formats/formatError.ts'
import { type GgufPart, inspectGguf } from '../formats/gguf/inspectGguf.ts'
import { readGguf, readGgufSummary } from '../formats/gguf/readGguf.ts'
import { groupShards, mergeShards, parseShardName, type ShardSet } from '../formats/gguf/shards.ts'
import type { Inspection } from '../formats/modelFile.ts'
import type { OpenFiles } from './openFiles.ts'

/** The set of GGUF shards that a file belongs to by its name, from the names beside it; null: it stands alone. */
export const ggufSetOf = async (fileName: string, folder: FolderSource): Promise<ShardSet | null> => {
  const name = parseShardName(fileName)
  if (name === null || name.count === 1) return null
  const beside = (await folder.list()).flatMap(({ name }) => (name.includes('/') ? [] : [name]))
  return groupShards(beside).sets.find(({ parts }) => parts.includes(fileName)) ?? null
}

/** The first shard carries the metadata, so only it is read whole. */
export const inspectGgufSet = async (
  set: ShardSet,
  open: OpenFiles,
  signal: AbortSignal | undefined,
): Promise<Inspection> => {
  const parts: GgufPart[] = []
  for (const [index, fileName] of set.parts.entries()) {
    const source = await open.get(fileName)
    if (source === null) throw new FormatError('FILE_MISSING', `${fileName} is missing.`)
    const file = await (index === 0 ? readGguf : readGgufSummary)(source, { signal })
    parts.push({ fileName, file })
  }
  const [first, ...rest] = parts
  if (first === undefined) throw new FormatError('BAD_SHARD_SET', 'A set of shards without files.')
  const named = parts.map(({ fileName, file }) => ({ fileName: fileName ?? '', file }))
  return inspectGguf(mergeShards(set, named), [first, ...rest])
}
