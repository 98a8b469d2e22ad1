import { FormatError } from '../formatError.ts'
import {
  expectCode,
  expectEnd,
  isEmpty,
  type JsonKind,
  nextMember,
  peek,
  readString,
  refuse,
  type Scanner,
  skipWord,
} from '../json/textScanner.ts'
import { quotedName } from '../text.ts'
import { limits } from './limits.ts'
import { type Oddities, readRecord, type TensorRecord } from './readRecord.ts'

/** What the header's text says, before anyone asked whether the data agrees. */
export interface Header {
  /** as written; of a name given twice only the last */
  readonly records: readonly TensorRecord[]
  readonly metadata: ReadonlyMap<string, string>
  readonly oddities: Oddities
}

/** It lies behind its length. */
const headerKind: JsonKind = { name: 'header', fault: 'BAD_HEADER', offset: 8 }

const open = 123
const close = 125
const colon = 58

/**
 * Reads what the official library (0.8.0) reads, and refuses what it refuses. JSON.parse would not do: it takes names
 * twice, halves of surrogate pairs, `-0` and `1e1` for sizes, and rounds large numbers.
 * @throws FormatError BAD_HEADER, BAD_METADATA, BAD_TENSOR_RECORD, UNKNOWN_TENSOR_TYPE, TOO_DEEP, TOO_MANY_TENSORS …
 */
export const parseHeader = (text: string): Header => {
  const scanner: Scanner = { text, kind: headerKind, at: 0 }
  const oddities: Oddities = { repeatedNames: [], repeatedKeys: [], extraFields: [], arrays: [] }
  const records: TensorRecord[] = []
  const names = new Set<string>()
  let dimensions = 0
  let metadata: ReadonlyMap<string, string> | null = null
  expectCode(scanner, open)
  if (!isEmpty(scanner, close))
    do {
      const name = readString(scanner)
      expectCode(scanner, colon)
      if (name === '__metadata__') {
        if (metadata !== null) throw refuse(scanner, 'BAD_METADATA', 'The header has two "__metadata__" entries.')
        metadata = readMetadata(scanner, oddities)
        continue
      }
      const record = readRecord(scanner, name, oddities)
      records.push(record)
      dimensions += record.shape.length
      checkAmount(scanner, records.length, dimensions)
      names.add(name)
      if (names.size < records.length) forgetEarlier(records, name, oddities)
    } while (nextMember(scanner, close))
  expectEnd(scanner)
  return { records, metadata: metadata ?? new Map(), oddities }
}

const checkAmount = (scanner: Scanner, tensors: number, dimensions: number): void => {
  if (tensors > limits.tensors)
    throw refuse(scanner, 'TOO_MANY_TENSORS', `The header has more than ${limits.tensors} tensors.`)
  if (dimensions > limits.dimensionsInAll)
    throw refuse(
      scanner,
      'TOO_MANY_DIMENSIONS',
      `The tensors of the header have more than ${limits.dimensionsInAll} dimensions.`,
    )
}

/** The last record of a name counts. A stranger may repeat many: what a search costs is bounded by their number. */
const forgetEarlier = (records: TensorRecord[], name: string, { repeatedNames }: Oddities): void => {
  repeatedNames.push(name)
  if (repeatedNames.length > 100)
    throw new FormatError('DUPLICATE_TENSOR', 'More than 100 tensors of the header are given twice.')
  records.splice(
    records.findIndex((record) => record.name === name),
    1,
  )
}

/** A map of text to text, or null. */
const readMetadata = (scanner: Scanner, { repeatedKeys }: Oddities): ReadonlyMap<string, string> => {
  const metadata = new Map<string, string>()
  const code = peek(scanner)
  if (skipWord(scanner, 'null')) return metadata
  if (code !== open) throw refuse(scanner, 'BAD_METADATA', 'The "__metadata__" of the header is not an object.')
  scanner.at += 1
  if (isEmpty(scanner, close)) return metadata
  do {
    const key = readString(scanner)
    expectCode(scanner, colon)
    if (peek(scanner) !== 34)
      throw refuse(scanner, 'BAD_METADATA', `The metadata key ${quotedName(key)} has a value that is no text.`)
    if (metadata.has(key)) repeatedKeys.push(key)
    metadata.set(key, readString(scanner))
    if (metadata.size > limits.metadataKeys)
      throw refuse(scanner, 'TOO_MANY_KEYS', `The header has more than ${limits.metadataKeys} metadata keys.`)
  } while (nextMember(scanner, close))
  return metadata
}
