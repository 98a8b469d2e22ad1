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
  skipValue,
  skipWord,
} from '../json/textScanner.ts'
import { quotedName } from '../text.ts'
import { bitsOf } from './dtypes.ts'
import { limits } from './limits.ts'

/**
 * A tensor row in the making: `offset` is relative to the data section until layTensors.ts has proven it, and `elements`
 * is not counted yet. It becomes the row itself, because a table of strangers may be as large as the limits allow.
 */
export interface TensorRecord {
  readonly name: string
  readonly type: string
  readonly shape: readonly number[]
  elements: number
  /** end − begin, which may be negative; above 2^53 rounded */
  readonly bytes: number
  offset: number
  readonly file: null
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

const badRecord = (scanner: Scanner, name: string, why: string) =>
  refuse(scanner, 'BAD_TENSOR_RECORD', `The record of the tensor ${quotedName(name)} is not valid: ${why}.`)

const fields = [
  ['"dtype"', 'dtype'],
  ['"shape"', 'shape'],
  ['"data_offsets"', 'data_offsets'],
] as const

/** One record: an object, or an array with the same parts. */
export const readRecord = (scanner: Scanner, name: string, oddities: Oddities): TensorRecord => {
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
  return recordOf(name, type, shape, begin, end)
}

const recordOf = (name: string, type: string, shape: readonly number[], begin: number, end: number): TensorRecord => ({
  name,
  type,
  shape,
  elements: 0,
  bytes: end - begin,
  offset: begin,
  file: null,
})

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
  return recordOf(name, type, shape, begin, end)
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
    `The tensor ${quotedName(name)} has the type ${quotedName(type)}, which the format does not have.`,
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
        `The tensor ${quotedName(name)} has more than ${limits.dimensions} dimensions.`,
      )
  } while (nextMember(scanner, closeArray))
  return numbers
}
