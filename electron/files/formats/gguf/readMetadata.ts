import type { Findings } from '../findings.ts'
import { FormatError, type FormatErrorCode } from '../formatError.ts'
import { type Cursor, outOfFile } from './cursor.ts'
import { type GgufEntry, type GgufScalar, type ValueType, valueBytes, valueTypes } from './ggufFile.ts'
import { limits } from './limits.ts'
import { type ArrayBudget, readArray } from './readArray.ts'
import { decodeText } from './text.ts'

interface Metadata {
  readonly version: number
  readonly keyCount: number
  readonly largestKeptArray: number
}

export const readMetadata = async (
  cursor: Cursor,
  { version, keyCount, largestKeptArray }: Metadata,
  findings: Findings,
): Promise<Map<string, GgufEntry>> => {
  const entries = new Map<string, GgufEntry>()
  const budget: ArrayBudget = {
    elements: limits.arrayElements,
    keptBytes: limits.keptArrayBytes,
    largestKeptArray,
    end: cursor.position + limits.metadataBytes,
  }
  const prefixBytes = version === 1 ? 4 : 8
  let textLeft: number = limits.textBytes

  /** The length of a text that is there whole and within every limit. */
  const textLength = (what: string): number => {
    const offset = cursor.position
    const length = version === 1 ? cursor.u32() : cursor.u64()
    if (length > limits.stringBytes) throw tooLong(what, offset)
    if (length > cursor.left) throw outOfFile(offset, length, cursor.position + cursor.left)
    textLeft -= length
    if (textLeft < 0 || cursor.position > budget.end)
      throw new FormatError('HEADER_TOO_LARGE', 'The header holds more text than any model needs.', { offset })
    return length
  }

  for (let index = 0; index < keyCount; index++) {
    const offset = cursor.position
    const refuse = (code: FormatErrorCode, message: string) => new FormatError(code, message, { offset })
    await cursor.prefetch(prefixBytes)
    const keyBytes = textLength('A key')
    if (keyBytes === 0) throw refuse('EMPTY_KEY', 'A key without a name.')
    await cursor.prefetch(keyBytes + 4 + 4 + 8)
    const { text: key, invalid } = decodeText(cursor.slice(keyBytes))
    if (key.includes('\0')) throw refuse('NUL_IN_KEY', 'A key contains a NUL byte: runtimes would read another key.')
    if (invalid) findings.add('note', 'invalid-utf8', `The key "${key.slice(0, 100)}" is not UTF-8.`, offset)
    if (entries.has(key)) throw refuse('DUPLICATE_KEY', `The key "${key.slice(0, 100)}" is there twice.`)

    const type = valueType(cursor.u32(), key, offset)
    if (type === 'array') {
      const value = await readArray(cursor, { key, offset, prefixBytes }, budget)
      entries.set(key, { key, type, value, offset })
    } else if (type === 'string') {
      await cursor.prefetch(prefixBytes)
      const length = textLength(`The text of "${key.slice(0, 100)}"`)
      await cursor.prefetch(length)
      const { text, invalid: badText } = decodeText(cursor.slice(length))
      if (badText) findings.add('note', 'invalid-utf8', `The text of "${key.slice(0, 100)}" is not UTF-8.`, offset)
      entries.set(key, { key, type, value: text, offset })
    } else {
      entries.set(key, { key, type, value: readScalar(cursor, type, key, findings), offset })
    }
  }
  return entries
}

const valueType = (id: number, key: string, offset: number): ValueType => {
  const type = valueTypes[id]
  if (type !== undefined) return type
  throw new FormatError('BAD_VALUE_TYPE', `The key "${key.slice(0, 100)}" has a value of the unknown type ${id}.`, {
    offset,
    details: { type: id },
  })
}

const readScalar = (
  cursor: Cursor,
  type: Exclude<ValueType, 'string' | 'array'>,
  key: string,
  findings: Findings,
): GgufScalar => {
  if (type === 'uint64' || type === 'int64') return cursor.integer64(type === 'int64')
  if (type === 'uint32') return cursor.u32()
  const little = cursor.littleEndian
  const offset = cursor.position
  const view = cursor.view(valueBytes[type])
  switch (type) {
    case 'uint8':
      return view.getUint8(0)
    case 'int8':
      return view.getInt8(0)
    case 'uint16':
      return view.getUint16(0, little)
    case 'int16':
      return view.getInt16(0, little)
    case 'int32':
      return view.getInt32(0, little)
    case 'float32':
      return view.getFloat32(0, little)
    case 'float64':
      return view.getFloat64(0, little)
    case 'bool': {
      const byte = view.getUint8(0)
      if (byte > 1) findings.add('note', 'odd-bool', `The truth value of "${key.slice(0, 100)}" is ${byte}.`, offset)
      return byte !== 0
    }
  }
}

const tooLong = (what: string, offset: number): FormatError =>
  new FormatError('STRING_TOO_LONG', `${what} claims more than ${limits.stringBytes} bytes.`, { offset })
