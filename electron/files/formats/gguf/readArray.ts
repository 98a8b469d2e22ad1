import { FormatError } from '../formatError.ts'
import { type Cursor, outOfFile } from './cursor.ts'
import { type ElementType, type GgufArray, type NumberList, valueBytes, valueTypes } from './ggufFile.ts'
import { limits } from './limits.ts'
import { createStringList } from './stringList.ts'
import { walkStrings } from './walkStrings.ts'

/** What the arrays of one file may still use. */
export interface ArrayBudget {
  elements: number
  keptBytes: number
  readonly largestKeptArray: number
  /** file position that metadata must not pass */
  readonly end: number
}

interface Where {
  readonly key: string
  readonly offset: number
  /** bytes of a length: 4 in version 1, else 8 */
  readonly prefixBytes: number
}

export const readArray = async (cursor: Cursor, where: Where, budget: ArrayBudget): Promise<GgufArray> => {
  await cursor.prefetch(4 + where.prefixBytes)
  const elementType = elementTypeOf(cursor.u32(), where)
  const count = where.prefixBytes === 4 ? cursor.u32() : cursor.u64()
  if (count > budget.elements)
    throw new FormatError(
      'ARRAY_TOO_LONG',
      `The array "${where.key.slice(0, 100)}" claims more than ${limits.arrayElements} elements.`,
      { offset: where.offset },
    )
  budget.elements -= count
  const least = count * (elementType === 'string' ? where.prefixBytes : valueBytes[elementType])
  if (least > cursor.left) throw outOfFile(cursor.position, least, cursor.position + cursor.left)
  if (cursor.position + least > budget.end) throw tooLarge(where.offset)
  if (elementType === 'string') return readStrings(cursor, count, where, budget)

  const isKept = least <= Math.min(budget.keptBytes, budget.largestKeptArray)
  if (!isKept) {
    cursor.skip(least)
    return { elementType, count, sizeBytes: least, values: null }
  }
  budget.keptBytes -= least
  await cursor.prefetch(least)
  return {
    elementType,
    count,
    sizeBytes: least,
    values: numbers(cursor.slice(least), elementType, cursor.littleEndian),
  }
}

const elementTypeOf = (id: number, { key, offset }: Where): ElementType => {
  const type = valueTypes[id]
  if (type === 'array')
    throw new FormatError('NESTED_ARRAY', `"${key.slice(0, 100)}" is an array of arrays; no runtime reads that.`, {
      offset,
    })
  if (type !== undefined) return type
  throw new FormatError('BAD_VALUE_TYPE', `The array "${key.slice(0, 100)}" has elements of the unknown type ${id}.`, {
    offset,
    details: { type: id },
  })
}

/** A copy in memory of its own: the window it came from can go. */
const numbers = (window: Buffer, type: Exclude<ElementType, 'string'>, littleEndian: boolean): NumberList => {
  const copy = Buffer.from(new Uint8Array(window).buffer)
  const width = valueBytes[type]
  if (!littleEndian && width === 2) copy.swap16()
  if (!littleEndian && width === 4) copy.swap32()
  if (!littleEndian && width === 8) copy.swap64()
  switch (type) {
    case 'uint8':
    case 'bool':
      return new Uint8Array(copy.buffer)
    case 'int8':
      return new Int8Array(copy.buffer)
    case 'uint16':
      return new Uint16Array(copy.buffer)
    case 'int16':
      return new Int16Array(copy.buffer)
    case 'uint32':
      return new Uint32Array(copy.buffer)
    case 'int32':
      return new Int32Array(copy.buffer)
    case 'float32':
      return new Float32Array(copy.buffer)
    case 'float64':
      return new Float64Array(copy.buffer)
    case 'uint64':
      return new BigUint64Array(copy.buffer)
    case 'int64':
      return new BigInt64Array(copy.buffer)
  }
}

const readStrings = async (cursor: Cursor, count: number, where: Where, budget: ArrayBudget): Promise<GgufArray> => {
  const { prefixBytes } = where
  const start = cursor.position
  const most = Math.min(budget.keptBytes, budget.largestKeptArray)
  // a kept string costs its bytes and four more for its place
  const placeBytes = count * 4
  let starts = count * prefixBytes + placeBytes <= most ? new Uint32Array(count) : null
  for (let left = count; left > 0; ) {
    const origin = cursor.at - (cursor.position - start)
    const { at, walked, need } = walkStrings(
      cursor.bytes,
      cursor.at,
      left,
      { prefixBytes, littleEndian: cursor.littleEndian },
      starts,
      origin,
    )
    cursor.skip(at - cursor.at)
    left -= walked
    if (need === Number.POSITIVE_INFINITY) throw tooLong(where.key, cursor.position)
    if (need > cursor.left) throw outOfFile(cursor.position, need, cursor.position + cursor.left)
    const sizeBytes = cursor.position - start
    if (sizeBytes + placeBytes > most) starts = null
    if (cursor.position > budget.end) throw tooLarge(where.offset)
    // what the rest will take if it goes on like this: one read instead of many
    const expected = Math.ceil((sizeBytes / Math.max(1, count - left)) * left * 1.1)
    if (starts !== null) await cursor.prefetch(Math.max(need, Math.min(expected, most)), start)
    else await cursor.prefetch(need)
  }
  const sizeBytes = cursor.position - start
  if (starts === null) return { elementType: 'string', count, sizeBytes, values: null }
  budget.keptBytes -= sizeBytes + placeBytes
  const values = createStringList(cursor.walked(sizeBytes), starts, prefixBytes)
  return { elementType: 'string', count, sizeBytes, values }
}

const tooLong = (key: string, offset: number): FormatError =>
  new FormatError('STRING_TOO_LONG', `A text in "${key.slice(0, 100)}" claims more than ${limits.stringBytes} bytes.`, {
    offset,
  })

const tooLarge = (offset: number): FormatError =>
  new FormatError('HEADER_TOO_LARGE', 'The header is larger than any model needs.', { offset })
