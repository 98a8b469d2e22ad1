import { isUtf8 } from 'node:buffer'
import { FormatError } from '../formatError.ts'
import { decodeEscapes, isDigit, isNumberByte, isSpace, shortInteger } from './jsonText.ts'

/**
 * Told in the order of the text. What `read` gives is decoded only when asked for, and only during the call: lists of
 * hundreds of thousands of words are gone through without making them.
 */
export interface JsonVisitor {
  open(kind: 'object' | 'array'): void
  close(): void
  key(read: () => string): void
  text(read: () => string): void
  /** `NaN`, `Infinity` and `-Infinity` too: Python writes and reads them */
  number(read: () => number): void
  literal(value: boolean | null): void
}

export interface JsonScanner {
  /**
   * @param bytes what was not consumed before, and more
   * @param isLast nothing follows
   * @returns how many bytes were consumed; the rest begins with an unfinished part
   */
  feed(bytes: Uint8Array, isLast: boolean): number
}

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'end'

const [quote, backslash, objectOpen, objectClose, arrayOpen, arrayClose, comma, colon] = [
  34, 92, 123, 125, 91, 93, 44, 58,
]
const words: readonly (readonly [string, boolean | null | number])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]
const longestNumber = 400

/** JSON by RFC 8259 and what Python adds to it. Refuses everything else as a FormatError with its place. */
export const createJsonScanner = (visitor: JsonVisitor, deepest: number): JsonScanner => {
  const kinds: ('object' | 'array')[] = []
  let expected: Expected = 'value'
  let consumed = 0

  // one function for every string and number: there may be millions
  let current: Uint8Array = new Uint8Array(0)
  const readText = () => Buffer.from(current.buffer, current.byteOffset, current.length).toString()
  let currentNumber = 0
  const readNumber = () => currentNumber

  const refuse = (what: string, at: number, code: 'BAD_JSON' | 'TOO_DEEP' = 'BAD_JSON') =>
    new FormatError(code, `This is no valid JSON: ${what}.`, { offset: consumed + at })

  const open = (kind: 'object' | 'array', at: number): void => {
    if (kinds.length >= deepest) throw refuse(`it is nested deeper than ${deepest}`, at, 'TOO_DEEP')
    kinds.push(kind)
    visitor.open(kind)
    expected = kind === 'object' ? 'key-or-end' : 'value-or-end'
  }
  const afterValue = (): void => {
    expected = kinds.length === 0 ? 'end' : 'comma-or-end'
  }
  const close = (): void => {
    kinds.pop()
    visitor.close()
    afterValue()
  }

  /** @returns where it ends; -1: the bytes end before it does */
  const string = (bytes: Uint8Array, at: number, tell: (read: () => string) => void): number => {
    let isPlain = true
    let isAscii = true
    let end = at + 1
    for (; end < bytes.length; end++) {
      const byte = bytes[end] ?? 0
      if (byte === quote) break
      if (byte < 32) throw refuse('a string has a control character', end)
      if (byte > 127) isAscii = false
      if (byte !== backslash) continue
      isPlain = false
      end++
    }
    if (end >= bytes.length) return -1
    const inner = bytes.subarray(at + 1, end)
    if (!isAscii && !isUtf8(inner)) throw refuse('a string is not UTF-8', at)
    current = inner
    if (isPlain) {
      tell(readText)
      return end + 1
    }
    const decoded = decodeEscapes(readText())
    if (decoded === null) throw refuse('a string has a wrong escape', at)
    tell(() => decoded)
    return end + 1
  }

  const number = (bytes: Uint8Array, at: number, isLast: boolean): number => {
    let end = at
    while (end < bytes.length && end - at <= longestNumber && isNumberByte(bytes[end] ?? 0)) end++
    if (end === bytes.length && !isLast) return -1
    const whole = shortInteger(bytes, at, end)
    if (whole !== null) {
      currentNumber = whole
      visitor.number(readNumber)
      return end
    }
    const text = Buffer.from(bytes.subarray(at, end)).toString('latin1')
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text)) throw refuse(`"${text.slice(0, 40)}" is no number`, at)
    visitor.number(() => Number(text))
    return end
  }

  const word = (bytes: Uint8Array, at: number, isLast: boolean): number => {
    if (bytes.length - at < 9 && !isLast) return -1
    const text = Buffer.from(bytes.subarray(at, at + 9)).toString('latin1')
    const found = words.find(([name]) => text.startsWith(name))
    if (found === undefined) return -2
    const [name, value] = found
    if (typeof value === 'number') visitor.number(() => value)
    else visitor.literal(value)
    return at + name.length
  }

  const other = (bytes: Uint8Array, at: number, isLast: boolean): number => {
    const byte = bytes[at] ?? 0
    if (isDigit(byte)) return number(bytes, at, isLast)
    const end = word(bytes, at, isLast)
    if (end !== -2) return end
    if (!isNumberByte(byte)) throw refuse(`a value was expected at "${String.fromCharCode(byte)}"`, at)
    return number(bytes, at, isLast)
  }

  const value = (bytes: Uint8Array, at: number, isLast: boolean): number => {
    const byte = bytes[at] ?? 0
    if (byte === objectOpen || byte === arrayOpen) {
      open(byte === objectOpen ? 'object' : 'array', at)
      return at + 1
    }
    const end = byte === quote ? string(bytes, at, visitor.text) : other(bytes, at, isLast)
    if (end >= 0) afterValue()
    return end
  }

  /** One part. @returns where it ends; -1: the bytes end before it does */
  const step = (bytes: Uint8Array, at: number, isLast: boolean): number => {
    const byte = bytes[at] ?? 0
    switch (expected) {
      case 'value':
        return value(bytes, at, isLast)
      case 'value-or-end':
        if (byte !== arrayClose) return value(bytes, at, isLast)
        close()
        return at + 1
      case 'key-or-end':
      case 'key': {
        if (byte === objectClose && expected === 'key-or-end') {
          close()
          return at + 1
        }
        if (byte !== quote) throw refuse('the name of a member was expected', at)
        const end = string(bytes, at, visitor.key)
        if (end >= 0) expected = 'colon'
        return end
      }
      case 'colon':
        if (byte !== colon) throw refuse('a colon was expected', at)
        expected = 'value'
        return at + 1
      case 'comma-or-end':
        if (byte === (kinds.at(-1) === 'object' ? objectClose : arrayClose)) close()
        else if (byte === comma) expected = kinds.at(-1) === 'object' ? 'key' : 'value'
        else throw refuse('a comma or the end of a list was expected', at)
        return at + 1
      case 'end':
        throw refuse('something follows its end', at)
    }
  }

  return {
    feed(bytes, isLast) {
      let at = 0
      for (;;) {
        while (at < bytes.length && isSpace(bytes[at])) at++
        if (at >= bytes.length) break
        const end = step(bytes, at, isLast)
        if (end < 0) {
          if (isLast) throw refuse('it ends in the middle', bytes.length)
          break
        }
        at = end
      }
      if (isLast && expected !== 'end') throw refuse('it ends in the middle', bytes.length)
      consumed += at
      return at
    },
  }
}
