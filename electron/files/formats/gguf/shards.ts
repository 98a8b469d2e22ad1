import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings } from '../findings.ts'
import { FormatError } from '../formatError.ts'
import type { ModelFileSummary } from '../modelFile.ts'
import type { GgufFile } from './ggufFile.ts'
import { summarizeGguf } from './summarizeGguf.ts'

/** `<prefix>-%05d-of-%05d.gguf`; the number is 1-based in the name and 0-based in split.no. */
const shardName = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/is

export interface ShardName {
  readonly prefix: string
  /** 1-based */
  readonly number: number
  readonly count: number
}

export const parseShardName = (fileName: string): ShardName | null => {
  const match = shardName.exec(fileName)
  if (match === null) return null
  const [, prefix = '', number, count] = match
  const name = { prefix, number: Number(number), count: Number(count) }
  return name.number >= 1 && name.number <= name.count ? name : null
}

export interface ShardSet {
  /** what to call the set: the first part's file name, there or not */
  readonly firstName: string
  readonly prefix: string
  readonly count: number
  /** file names of the parts that are there, in order */
  readonly parts: readonly string[]
  /** file names of the parts that are not */
  readonly missing: readonly string[]
}

/** Sorts the file names of one folder into sets of shards and files that stand alone. */
export const groupShards = (fileNames: readonly string[]): { sets: ShardSet[]; single: string[] } => {
  const single: string[] = []
  const groups = new Map<string, { prefix: string; count: number; parts: Map<number, string> }>()
  for (const fileName of fileNames) {
    const name = parseShardName(fileName)
    if (name === null || name.count === 1) {
      single.push(fileName)
      continue
    }
    const key = `${name.count}/${name.prefix}`
    const group = groups.get(key) ?? { prefix: name.prefix, count: name.count, parts: new Map<number, string>() }
    groups.set(key, group)
    if (group.parts.has(name.number)) single.push(fileName)
    else group.parts.set(name.number, fileName)
  }
  return { sets: [...groups.values()].map(shardSet), single }
}

const mostMissingNamed = 100

const shardSet = ({
  prefix,
  count,
  parts,
}: {
  prefix: string
  count: number
  parts: Map<number, string>
}): ShardSet => {
  const nameOf = (number: number) => `${prefix}-${five(number)}-of-${five(count)}.gguf`
  const missing: string[] = []
  for (let number = 1; number <= count && missing.length < mostMissingNamed; number++)
    if (!parts.has(number)) missing.push(nameOf(number))
  return {
    firstName: parts.get(1) ?? nameOf(1),
    prefix,
    count,
    parts: [...parts].sort(([one], [other]) => one - other).map(([, fileName]) => fileName),
    missing,
  }
}

const five = (number: number): string => String(number).padStart(5, '0')

export interface Shard {
  readonly fileName: string
  readonly file: GgufFile
}

/**
 * One summary for a model in several files, by llama.cpp's rules: the first part carries the metadata, every part says
 * its place in split.no, no tensor is there twice, and together they are as many as split.tensors.count promises.
 */
export const mergeShards = (set: ShardSet, shards: readonly Shard[]): ModelFileSummary => {
  const present = new Set(shards.map((shard) => shard.fileName))
  const absent = [...set.missing, ...set.parts.filter((part) => !present.has(part))]
  if (absent.length > 0)
    throw new FormatError(
      'BAD_SHARD_SET',
      `${set.count - shards.length} of ${set.count} parts are missing: ${absent.slice(0, 3).join(', ')}${absent.length > 3 ? ' …' : ''}.`,
      { details: { missingParts: absent.length, firstMissingPart: absent[0] ?? null } },
    )
  const parts = [...shards].sort((one, other) => placeOf(one) - placeOf(other))
  const [first] = parts
  if (first === undefined) throw refuse('A set of shards without files.')
  const findings: Check[] = []
  for (const [index, part] of parts.entries()) findings.push(...checkPart(part, index, set.count))
  const tensors = parts.flatMap((part) => part.file.tensors)
  checkTensors(parts, first)

  return summarizeGguf({
    ...first.file,
    tensors,
    dataBytes: parts.reduce((sum, part) => sum + part.file.dataBytes, 0),
    sizeBytes: parts.reduce((sum, part) => sum + part.file.sizeBytes, 0),
    findings: [...findings, ...parts.flatMap((part) => part.file.findings)],
  })
}

const refuse = (message: string, fileName?: string): FormatError =>
  new FormatError('BAD_SHARD_SET', message, fileName === undefined ? {} : { details: { part: fileName } })

const placeOf = (shard: Shard): number => parseShardName(shard.fileName)?.number ?? 0

const checkPart = ({ fileName, file }: Shard, index: number, count: number): readonly Check[] => {
  const entry = file.metadata.get('split.no')
  if (entry === undefined) throw refuse(`${fileName} does not say which part it is (split.no).`, fileName)
  if (entry.value !== index)
    throw refuse(
      `${fileName} calls itself part ${Number(entry.value) + 1} and is named as part ${index + 1}.`,
      fileName,
    )
  const findings = createFindings('structure')
  const where = { file: fileName, offset: entry.offset }
  if (index > 0 && entry.type !== 'uint16')
    findings.add(
      'broken',
      'wrong-type',
      `${fileName}: split.no is ${entry.type} and must be uint16; llama.cpp crashes on it.`,
      where,
    )
  const declared = file.metadata.get('split.count')?.value
  if (declared === count) return findings.list
  if (index === 0)
    throw refuse(`${fileName} says that there are ${String(declared)} parts, its name says ${count}.`, fileName)
  findings.add(
    'note',
    'split-count',
    `${fileName}: split.count is ${String(declared)} instead of ${count}; nothing reads it there.`,
    where,
  )
  return findings.list
}

const checkTensors = (parts: readonly Shard[], first: Shard): void => {
  const owners = new Map<string, string>()
  for (const { fileName, file } of parts)
    for (const { name } of file.tensors) {
      const owner = owners.get(name)
      if (owner !== undefined) throw refuse(`Tensor "${name}" is in ${owner} and in ${fileName}.`, fileName)
      owners.set(name, fileName)
    }
  const promised = first.file.metadata.get('split.tensors.count')?.value
  if (promised !== undefined && promised !== owners.size)
    throw refuse(`The parts hold ${owners.size} tensors; ${String(promised)} belong to the model.`)
}
