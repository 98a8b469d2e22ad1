import { createFindings, type Findings } from '../findings.ts'
import type { FolderSource } from '../folderSource.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { Inspection, ModelSplit, TensorRow } from '../modelFile.ts'
import { readShardIndex, type ShardIndex } from '../readShardIndex.ts'
import { quotedName } from '../text.ts'
import { checkAgainstIndex, checkRepeated, findingsOf } from './checkShards.ts'
import { describeMetadata } from './describeMetadata.ts'
import { safetensorsFacts } from './safetensorsFacts.ts'
import { parseShardName, shardFileNames } from './shardNames.ts'
import { readShards, type Shard } from './shardSet.ts'
import { type Contents, summarizeSafetensors } from './summarizeSafetensors.ts'

/**
 * A model in several files, all tensors in one table.
 * @param indexName the `….safetensors.index.json`; or, where there is none, any `…-00001-of-00003.safetensors`
 * @throws FormatError when the index cannot be read, or none of the files
 */
export const inspectSafetensorsSet = async (
  folder: FolderSource,
  indexName: string,
  options: ReadOptions = {},
): Promise<Inspection> => {
  const findings = createFindings('structure')
  const index = indexName.endsWith('.json') ? await openIndex(folder, indexName, findings) : null
  const names = index === null ? namesWithoutIndex(indexName) : index.files.map((file) => beside(indexName, file))
  const shards = await readShards(folder, names, findings, options)
  const isHostile = findings.list.some((finding) => finding.outcome === 'dangerous')
  if (shards.length === 0 && !isHostile)
    throw new FormatError(
      'BAD_SHARD_SET',
      `None of the files of this model can be read. ${findings.list[0]?.message ?? ''}`.trim(),
    )
  checkRepeated(shards, findings)
  if (index !== null) checkAgainstIndex(shards, within(index, indexName), findings)
  if (shards.length > 0 && shards.every(({ file }) => file.findings.every((finding) => finding.outcome === 'passed')))
    findings.passed(
      'data-covered',
      `${total(shards)} tensors in ${shards.length} files, each inside its file, without gap or overlap.`,
    )
  return inspected(shards, { no: null, count: names.length, tensorCount: total(shards) }, findings)
}

const total = (shards: readonly Shard[]) => shards.reduce((sum, { file }) => sum + file.tensors.length, 0)

const openIndex = async (folder: FolderSource, name: string, findings: Findings): Promise<ShardIndex> => {
  const source = await folder.open(name)
  try {
    return await readShardIndex(source, findings)
  } finally {
    await source.close()
  }
}

const namesWithoutIndex = (name: string): string[] => {
  const shard = parseShardName(name)
  if (shard === null)
    throw new FormatError(
      'BAD_SHARD_SET',
      `The name ${quotedName(name)} is neither an index nor a part as in model-00001-of-00003.safetensors.`,
    )
  return shardFileNames(shard)
}

/** Shards lie beside their index, which may itself be in a folder of a pipeline. */
const beside = (indexName: string, file: string): string => indexName.slice(0, indexName.lastIndexOf('/') + 1) + file

/** The index with the files' names as the folder knows them. */
const within = (index: ShardIndex, indexName: string): ShardIndex =>
  indexName.includes('/')
    ? { ...index, weightMap: new Map([...index.weightMap].map(([tensor, file]) => [tensor, beside(indexName, file)])) }
    : index

const inspected = (shards: readonly Shard[], split: ModelSplit, findings: Findings): Inspection => {
  const tensors = shards.flatMap(({ name, file }) => file.tensors.map((row): TensorRow => ({ ...row, file: name })))
  const contents: Contents = {
    tensors,
    metadata: new Map(shards.toReversed().flatMap(({ file }) => [...file.metadata])), // the first part's word counts
    shapes: new Map(shards.flatMap(({ shapes }) => [...shapes])),
    sizeBytes: shards.reduce((sum, { file }) => sum + file.sizeBytes, 0),
    split,
    findings: [...findings.list, ...findingsOf(shards)],
  }
  const summarized = summarizeSafetensors(contents)
  return {
    summary: summarized.summary,
    facts: safetensorsFacts(summarized, contents),
    metadata: describeMetadata(contents.metadata),
    tensors,
    templates: [],
  }
}
