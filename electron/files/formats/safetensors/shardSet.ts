import type { Findings } from '../findings.ts'
import type { FolderSource } from '../folderSource.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { quotedName } from '../text.ts'
import type { StoredShapes } from './countWeights.ts'
import { limits } from './limits.ts'
import { readSafetensors } from './readSafetensors.ts'
import type { SafetensorsFile } from './safetensorsFile.ts'
import { readStoredShapes } from './storedShapes.ts'

/** One file of a model in several. */
export interface Shard {
  readonly name: string
  readonly file: SafetensorsFile
  readonly shapes: StoredShapes
}

/** Opens and reads one after the other; what is missing or damaged is a finding, and the others are read all the same. */
export const readShards = async (
  folder: FolderSource,
  names: readonly string[],
  findings: Findings,
  options: ReadOptions,
): Promise<readonly Shard[]> => {
  const shards: Shard[] = []
  const missing: string[] = []
  let tensors = 0
  for (const name of names) {
    options.signal?.throwIfAborted()
    const shard = await readShard(folder, name, options).catch((error: unknown) => {
      if (!(error instanceof FormatError)) throw error
      if (error.code === 'FILE_MISSING') missing.push(name)
      else
        findings.add('broken', 'shard-unreadable', `${quotedName(name)}: ${error.message}`, {
          file: name,
          offset: error.offset,
        })
      return null
    })
    if (shard === null) continue
    shards.push(shard)
    tensors += shard.file.tensors.length
    if (tensors > limits.tensorsOfSet)
      throw new FormatError('TOO_MANY_TENSORS', `The shards together have more than ${limits.tensorsOfSet} tensors.`)
  }
  if (missing.length > 0)
    findings.add(
      'broken',
      'missing-shards',
      `${missing.length} of ${names.length} files of the model are missing: ${missing.slice(0, 5).map(quotedName).join(', ')}${missing.length > 5 ? ' …' : ''}.`,
      { file: missing[0] ?? null, advice: 'Load the missing files into the same folder.' },
    )
  else if (names.length > 0) findings.passed('shards-present', `All ${names.length} files of the model are there.`)
  return shards
}

const readShard = async (folder: FolderSource, name: string, options: ReadOptions): Promise<Shard> => {
  const source = await folder.open(name)
  try {
    const file = await readSafetensors(source, options)
    return { name, file, shapes: await readStoredShapes(source, file.tensors) }
  } finally {
    await source.close()
  }
}
