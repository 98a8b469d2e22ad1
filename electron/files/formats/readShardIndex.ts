import type { ByteSource } from './byteSource.ts'
import type { Findings } from './findings.ts'
import { FormatError } from './formatError.ts'
import {
  expectCode,
  expectEnd,
  isEmpty,
  type JsonKind,
  nextMember,
  peek,
  readString,
  type Scanner,
  skipValue,
} from './json/textScanner.ts'
import { quotedName } from './text.ts'

/**
 * `model.safetensors.index.json`, and `pytorch_model.bin.index.json` in the same form:
 *
 *     { "metadata": { "total_size": bytes }, "weight_map": { "tensor": "model-00001-of-00004.safetensors" } }
 */
export interface ShardIndex {
  /** bytes of tensor data in all shards; null: it does not say */
  readonly totalSize: number | null
  /** tensor → file; only names that stay in the folder */
  readonly weightMap: ReadonlyMap<string, string>
  /** the files of the map, sorted */
  readonly files: readonly string[]
}

const mostBytes = 32 << 20
const mostFiles = 10_000
const mostEntries = 500_000
const open = 123
const close = 125
const colon = 58

/**
 * Strict JSON, read once from front to back.
 * @param findings takes names that lead out of the folder (dangerous) and names given twice (warning)
 * @throws FormatError BAD_INDEX, TOO_DEEP, TOO_MUCH_WORK
 */
export const readShardIndex = async (source: ByteSource, findings: Findings): Promise<ShardIndex> => {
  if (source.sizeBytes > mostBytes)
    throw new FormatError('BAD_INDEX', `The index has ${source.sizeBytes} bytes; Berth reads up to ${mostBytes}.`)
  const bytes = await source.read(0, source.sizeBytes)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  return parseIndex(text, findings)
}

/** A file by itself. */
const indexKind: JsonKind = { name: 'index', fault: 'BAD_INDEX', offset: 0 }

const parseIndex = (text: string, findings: Findings): ShardIndex => {
  const scanner: Scanner = { text, kind: indexKind, at: 0 }
  let totalSize: number | null = null
  let weightMap: Map<string, string> | null = null
  expectCode(scanner, open)
  if (!isEmpty(scanner, close))
    do {
      const key = readString(scanner)
      expectCode(scanner, colon)
      if (key === 'weight_map') weightMap = readMap(scanner, findings)
      else if (key === 'metadata' && peek(scanner) === open) totalSize = readTotal(scanner)
      else skipValue(scanner, 1)
    } while (nextMember(scanner, close))
  expectEnd(scanner)
  if (weightMap === null)
    throw new FormatError('BAD_INDEX', 'The index has no "weight_map": it does not say which tensor is where.')
  return { totalSize, weightMap, files: [...new Set(weightMap.values())].sort() }
}

const readTotal = (scanner: Scanner): number | null => {
  let total: number | null = null
  scanner.at += 1
  if (isEmpty(scanner, close)) return total
  do {
    const key = readString(scanner)
    expectCode(scanner, colon)
    peek(scanner)
    const start = scanner.at
    skipValue(scanner, 2)
    // some writers give it as 1.6e10 or 16000000000.0
    const value = Number(scanner.text.slice(start, scanner.at))
    if (key === 'total_size' && Number.isSafeInteger(value)) total = value
  } while (nextMember(scanner, close))
  return total
}

const readMap = (scanner: Scanner, findings: Findings): Map<string, string> => {
  const map = new Map<string, string>()
  const files = new Set<string>()
  expectCode(scanner, open)
  if (isEmpty(scanner, close)) return map
  let entries = 0
  do {
    const tensor = readString(scanner)
    expectCode(scanner, colon)
    if (peek(scanner) !== 34)
      throw new FormatError('BAD_INDEX', `The index gives no file name for the tensor ${quotedName(tensor)}.`)
    const file = readString(scanner)
    if (map.has(tensor))
      findings.add(
        'warning',
        'duplicate-tensor',
        `The index names the tensor ${quotedName(tensor)} twice; the last counts.`,
      )
    if (isPlainName(file)) map.set(tensor, file)
    else if (!files.has(file))
      findings.add(
        'dangerous',
        'path-escapes',
        `The index points to ${quotedName(file)}, which is no plain file name. A careless program would read outside of the model's folder.`,
        {
          tensor: tensor.slice(0, 200),
          text: file.slice(0, 200),
          advice: 'Do not use this model with other programs, and tell its publisher.',
        },
      )
    files.add(file)
    entries += 1
    if (files.size > mostFiles || entries > mostEntries)
      throw new FormatError('TOO_MUCH_WORK', `The index names more than ${mostFiles} files or ${mostEntries} tensors.`)
  } while (nextMember(scanner, close))
  return map
}

/** One part, of characters that lead nowhere else on any system. */
const isPlainName = (name: string): boolean =>
  name.length > 0 && name.length <= 255 && !/[/\\:\0]/.test(name) && name !== '.' && name !== '..' && !/^~/.test(name)
