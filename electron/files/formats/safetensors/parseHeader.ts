import { FormatError } from '../formatError.ts'
import { bitsOf } from './dtypes.ts'
import {
  expectCode,
  isEmpty,
  nextMember,
  peek,
  readKey,
  readString,
  readUnsigned,
  refuse,
  type Scanner,
  skipSpace,
  skipValue,
  skipWord,
} from './jsonScanner.ts'
import { limits } from './limits.ts'
import { shownName } from './text.ts'

export interface TensorRecord {
  readonly name: string
  readonly type: string
  readonly shape: readonly number[]
  /** relative to the data section; above 2^53 rounded */
  readonly begin: number
  readonly end: number
}

/** What the header's text says, before anyone asked whether the data agrees. */
export interface Header {
  /** as written; of a name given twice only the last */
  readonly records: readonly TensorRecord[]
  readonly metadata: ReadonlyMap<string, string>
  readonly oddities: Oddities
}

/** What the official library takes and other readers may not. */
export interface Oddities {
  readonly repeatedNames: string[]
  readonly repeatedKeys: string[]
  /** tensors with fields that nobody reads */
  readonly extraFields: string[]
  /** tensors whose record is an array */
  readonly arrays: string[]
}

const open = 123
const close = 125
const openArray = 91
const closeArray = 93
const colon = 58

/**
 * Reads what the official library (0.8.0) reads, and refuses what it refuses. JSON.parse would not do: it takes names
 * twice, halves of surrogate pairs, `-0` and `1e1` for sizes, and rounds large numbers.
 * @throws FormatError BAD_HEADER, BAD_METADATA, BAD_TENSOR_RECORD, UNKNOWN_TENSOR_TYPE, TOO_DEEP, TOO_MANY_TENSORS …
 */
export const parseHeader = (text: string): Header => {
  const scanner: Scanner = { text, at: 0 }
  const oddities: Oddities = { repeatedNames: [], repeatedKeys: [], extraFields: [], arrays: [] }
  const records: TensorRecord[] = []
  const names = new Set<string>()
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
      records.push(readRecord(scanner, name, oddities))
      names.add(name)
      if (names.size < records.length) forgetEarlier(records, name, oddities)
      if (records.length > limits.tensors)
        throw refuse(scanner, 'TOO_MANY_TENSORS', `The header has more than ${limits.tensors} tensors.`)
    } while (nextMember(scanner, close))
  skipSpace(scanner)
  if (scanner.at < text.length) throw refuse(scanner, 'BAD_HEADER', 'Something follows the header’s JSON.')
  return { records, metadata: metadata ?? new Map(), oddities }
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
      throw refuse(scanner, 'BAD_METADATA', `The metadata key ${shownName(key)} has a value that is no text.`)
    if (metadata.has(key)) repeatedKeys.push(key)
    metadata.set(key, readString(scanner))
    if (metadata.size > limits.metadataKeys)
      throw refuse(scanner, 'TOO_MANY_KEYS', `The header has more than ${limits.metadataKeys} metadata keys.`)
  } while (nextMember(scanner, close))
  return metadata
}

const badRecord = (scanner: Scanner, name: string, why: string) =>
  refuse(scanner, 'BAD_TENSOR_RECORD', `The record of the tensor ${shownName(name)} is not valid: ${why}.`)

const fields = [
  ['"dtype"', 'dtype'],
  ['"shape"', 'shape'],
  ['"data_offsets"', 'data_offsets'],
] as const

const readRecord = (scanner: Scanner, name: string, oddities: Oddities): TensorRecord => {
  const code = peek(scanner)
  if (code === openArray) return readRecordArray(scanner, name, oddities)
  if (code !== open) throw badRecord(scanner, name, 'it is no object')
  scanner.at += 1
  let type: string | null = null
  let shape: number[] | null = null
  let begin = -1
  let end = -1
  if (!isEmpty(scanner, close))
    do {
      const field = readKey(scanner, fields)
      expectCode(scanner, colon)
      if (field === 'dtype' && type === null) type = readType(scanner, name)
      else if (field === 'shape' && shape === null) shape = readNumbers(scanner, name, 'shape')
      else if (field === 'data_offsets' && begin < 0) [begin, end] = readOffsets(scanner, name)
      else if (field === 'dtype' || field === 'shape' || field === 'data_offsets')
        throw badRecord(scanner, name, `the field "${field}" is given twice`)
      else {
        oddities.extraFields.push(name)
        skipValue(scanner, 2)
      }
    } while (nextMember(scanner, close))
  if (type === null) throw badRecord(scanner, name, 'the field "dtype" is missing')
  if (shape === null) throw badRecord(scanner, name, 'the field "shape" is missing')
  if (begin < 0) throw badRecord(scanner, name, 'the field "data_offsets" is missing')
  return { name, type, shape, begin, end }
}

/** `["I32",[1],[0,4]]`: the library's parser takes a record's values without their names. */
const readRecordArray = (scanner: Scanner, name: string, { arrays }: Oddities): TensorRecord => {
  arrays.push(name)
  const another = () => {
    if (!nextMember(scanner, closeArray)) throw badRecord(scanner, name, 'it has less than three parts')
  }
  scanner.at += 1
  const type = readType(scanner, name)
  another()
  const shape = readNumbers(scanner, name, 'shape')
  another()
  const [begin, end] = readOffsets(scanner, name)
  if (nextMember(scanner, closeArray)) throw badRecord(scanner, name, 'it has more than three parts')
  return { name, type, shape, begin, end }
}

const readType = (scanner: Scanner, name: string): string => {
  if (peek(scanner) === open) return readTypeObject(scanner, name)
  if (peek(scanner) !== 34) throw badRecord(scanner, name, 'its "dtype" is no text')
  return knownType(scanner, name, readString(scanner))
}

const knownType = (scanner: Scanner, name: string, type: string): string => {
  if (bitsOf.has(type)) return type
  throw refuse(
    scanner,
    'UNKNOWN_TENSOR_TYPE',
    `The tensor ${shownName(name)} has the type ${shownName(type)}, which the format does not have.`,
  )
}

/** `{"I32":null}`: how the library's parser also takes a type. */
const readTypeObject = (scanner: Scanner, name: string): string => {
  scanner.at += 1
  const type = knownType(scanner, name, readString(scanner))
  expectCode(scanner, colon)
  peek(scanner)
  if (!skipWord(scanner, 'null') || nextMember(scanner, close)) throw badRecord(scanner, name, 'its "dtype" is no text')
  return type
}

const readOffsets = (scanner: Scanner, name: string): readonly [number, number] => {
  const [begin, end, more] = readNumbers(scanner, name, 'data_offsets')
  if (begin === undefined || end === undefined || more !== undefined)
    throw badRecord(scanner, name, '"data_offsets" must have two numbers')
  return [begin, end]
}

const readNumbers = (scanner: Scanner, name: string, field: string): number[] => {
  const numbers: number[] = []
  if (peek(scanner) !== openArray) throw badRecord(scanner, name, `"${field}" is no array`)
  scanner.at += 1
  if (isEmpty(scanner, closeArray)) return numbers
  do {
    const value = readUnsigned(scanner)
    if (value === null) throw badRecord(scanner, name, `"${field}" has something that is no whole number of 64 bits`)
    numbers.push(value)
    if (numbers.length > limits.dimensions)
      throw refuse(
        scanner,
        'TOO_MANY_DIMENSIONS',
        `The tensor ${shownName(name)} has more than ${limits.dimensions} dimensions.`,
      )
  } while (nextMember(scanner, closeArray))
  return numbers
}
