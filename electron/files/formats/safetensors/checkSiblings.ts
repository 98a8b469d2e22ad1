import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings } from '../findings.ts'
import type { FolderSource } from '../folderSource.ts'
import { quotedName } from '../text.ts'
import { parseShardName, shardFileNames } from './shardNames.ts'

/** Of a file that is one part of a model: are the others there? */
export const checkSiblings = async (
  fileName: string | null,
  folder: FolderSource | null,
): Promise<readonly Check[]> => {
  const shard = fileName === null ? null : parseShardName(fileName)
  if (shard === null || shard.count === 1 || folder === null) return []
  const findings = createFindings('structure')
  const present = new Set((await folder.list()).map((entry) => entry.name))
  const missing = shardFileNames(shard).filter((name) => name !== fileName && !present.has(name))
  if (missing.length === 0)
    findings.passed('shards-present', `All ${shard.count} parts of the model are in the folder.`)
  else
    findings.add(
      'broken',
      'missing-shards',
      `${missing.length} of ${shard.count} parts of the model are missing: ${missing.slice(0, 5).map(quotedName).join(', ')}${missing.length > 5 ? ' …' : ''}.`,
      { file: missing[0] ?? null, advice: 'Load the missing parts into the same folder.' },
    )
  return findings.list
}
