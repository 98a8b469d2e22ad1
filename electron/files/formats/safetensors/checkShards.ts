import type { Check } from '../../../../shared/contract/checks.ts'
import type { Findings } from '../findings.ts'
import type { ShardIndex } from '../readShardIndex.ts'
import { quotedName } from '../text.ts'
import type { Shard } from './shardSet.ts'

/** What each shard found of itself, with its file; what is well in all of them is said once for all. */
export const findingsOf = (shards: readonly Shard[]): readonly Check[] =>
  shards.flatMap(({ name, file }) =>
    file.findings
      .filter((check) => check.outcome !== 'passed')
      .slice(0, 20)
      .map((check) => ({
        ...check,
        message: `${quotedName(name)}: ${check.message}`,
        evidence: { offset: null, tensor: null, text: null, ...check.evidence, file: name },
      })),
  )

/** Are the shards' tables and the index the same model? */
export const checkAgainstIndex = (shards: readonly Shard[], index: ShardIndex, findings: Findings): void => {
  const places = new Map<string, string>()
  for (const { name, file } of shards) for (const tensor of file.tensors) places.set(tensor.name, name)
  const namesIn = new Map(shards.map(({ name, file }) => [name, new Set(file.tensors.map((tensor) => tensor.name))]))
  const before = findings.list.length
  let absent = 0
  for (const [tensor, file] of index.weightMap) {
    if (namesIn.get(file)?.has(tensor) !== false) continue // there, or the file is missing, which is told already
    const place = places.get(tensor)
    absent += 1
    findings.add(
      'broken',
      'tensor-not-in-shard',
      `The index says that the tensor ${quotedName(tensor)} is in ${quotedName(file)}; ${place === undefined ? 'it is in none of the files' : `it is in ${quotedName(place)}`}.`,
      { file, tensor: tensor.slice(0, 200) },
    )
  }
  if (absent > 5) findings.add('broken', 'tensors-not-in-shards', `${absent} tensors are not where the index says.`)
  const unmapped = [...places.keys()].filter((tensor) => !index.weightMap.has(tensor))
  if (unmapped.length > 0)
    findings.add(
      'note',
      'unmapped-tensors',
      `${unmapped.length} tensors of the files are not in the index, as ${quotedName(unmapped[0] ?? '')}. Loaders that follow the index leave them out.`,
    )
  checkTotal(shards, index, findings)
  if (findings.list.length === before)
    findings.passed('index-agrees', `The index places all ${index.weightMap.size} tensors where they are.`)
}

const checkTotal = (shards: readonly Shard[], { totalSize, files }: ShardIndex, findings: Findings): void => {
  if (totalSize === null || shards.length < files.length) return
  const total = shards.reduce((sum, { file }) => sum + file.dataBytes, 0)
  if (total !== totalSize)
    findings.add(
      'warning',
      'total-size-differs',
      `The index says ${totalSize} bytes of tensor data; the files have ${total}. Weights that are shared are often counted twice.`,
    )
}

/** The same name in two files: loaders take one or the other. */
export const checkRepeated = (shards: readonly Shard[], findings: Findings): void => {
  const places = new Map<string, string>()
  for (const { name, file } of shards)
    for (const tensor of file.tensors) {
      const earlier = places.get(tensor.name)
      if (earlier !== undefined)
        findings.add(
          'warning',
          'repeated-tensor',
          `The tensor ${quotedName(tensor.name)} is in ${quotedName(earlier)} and in ${quotedName(name)}.`,
          { file: name, tensor: tensor.name.slice(0, 200) },
        )
      places.set(tensor.name, name)
    }
}
