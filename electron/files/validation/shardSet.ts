import type { FolderSource } from '../formats/folderSource.ts'
import { FormatError } from '../formats/formatError.ts'
import { type GgufPart, inspectGguf } from '../formats/gguf/inspectGguf.ts'
import { readGguf, readGgufSummary } from '../formats/gguf/readGguf.ts'
import { groupShards, mergeShards, type ShardSet } from '../formats/gguf/shards.ts'
import type { Inspection } from '../formats/modelFile.ts'
import { inspectSafetensorsSet } from '../formats/safetensors/inspectSafetensorsSet.ts'
import { inspectTorchSet } from '../formats/torch/inspectTorchSet.ts'
import type { OpenFiles } from './openFiles.ts'
import { type ShardName, shardNameOf, shardSets } from './shardNames.ts'

/** The files of one model in several, and how they are read together. */
export interface WeightShards {
  /** those that are there, the first one first, an index last */
  readonly names: readonly string[]
  inspect(open: OpenFiles, signal: AbortSignal | undefined): Promise<Inspection>
}

/** The set that a file belongs to by its name, from the names beside it; null: it stands alone. */
export const shardsOf = async (fileName: string, folder: FolderSource): Promise<WeightShards | null> => {
  const name = shardNameOf(fileName)
  if (name === null) return null
  const beside = (await folder.list()).flatMap(({ name }) => (name.includes('/') ? [] : [name]))
  const set = shardSets(beside).find(({ names }) => names.includes(fileName))
  if (set === undefined) return null
  const names = set.index === null ? set.names : [...set.names, set.index]
  return {
    names,
    inspect: (open, signal) => inspect(name, { names: beside, fileName, index: set.index }, folder, open, signal),
  }
}

interface Beside {
  readonly names: readonly string[]
  readonly fileName: string
  readonly index: string | null
}

const inspect = async (
  { kind }: ShardName,
  { names, fileName, index }: Beside,
  folder: FolderSource,
  open: OpenFiles,
  signal: AbortSignal | undefined,
): Promise<Inspection> => {
  if (kind === 'safetensors') return await inspectSafetensorsSet(folder, index ?? fileName, { signal })
  if (kind === 'bin' && index !== null) return await inspectTorchSet(folder, index, { signal })
  const set = groupShards(names).sets.find(({ parts }) => parts.includes(fileName))
  if (set === undefined) throw new FormatError('BAD_SHARD_SET', `${fileName} belongs to no set of shards.`)
  return await inspectGgufSet(set, open, signal)
}

/** The first shard carries the metadata, so only it is read whole. */
const inspectGgufSet = async (set: ShardSet, open: OpenFiles, signal: AbortSignal | undefined): Promise<Inspection> => {
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
