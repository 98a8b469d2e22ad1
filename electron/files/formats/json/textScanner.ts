import { FormatError, type FormatErrorCode } from '../formatError.ts'
import { decodeEscapes } from './jsonText.ts'

/** What the text is, for messages: every fault of its JSON has this one code. */
export interface JsonKind {
  /** `header` */
  readonly name: string
  readonly fault: FormatErrorCode
  /** where the text begins in the file */
  readonly offset: number
}

/**
 * A place in JSON text. For texts that are read whole by one who knows what should stand where, as strictly as
 * safetensors' library reads them and as fast as JSON.parse; jsonStream.ts is for files of any size and any content.
 */
export interface Scanner {
  readonly text: string
  readonly kind: JsonKind
  at: number
}

/** how many objects and arrays may lie in each other: the limit of safetensors' library */
const deepest = 127

const quote = 34
const backslash = 92

/** The offset is a byte of the file. */
export const refuse = ({ text, at, kind }: Scanner, code: FormatErrorCode, message: string): FormatError =>
  new FormatError(code, message, { offset: kind.offset + Buffer.byteLength(text.slice(0, at)) })

const badJson = (scanner: Scanner, wanted: string): FormatError => {
  const found =
    scanner.at < scanner.text.length ? JSON.stringify(scanner.text.slice(scanner.at, scanner.at + 12)) : 'the end'
  return refuse(
    scanner,
    scanner.kind.fault,
    `The ${scanner.kind.name} is no valid JSON: ${wanted} was expected, ${found} was found.`,
  )
}

const skipSpace = (scanner: Scanner): void => {
  const { text } = scanner
  for (;;) {
    const code = text.charCodeAt(scanner.at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
    scanner.at += 1
  }
}

/** The code of the next character that is no white space; NaN at the end. */
export const peek = (scanner: Scanner): number => {
  const { text, at } = scanner
  const code = text.charCodeAt(at)
  if (code > 32) return code
  const next = text.charCodeAt(at + 1)
  if (code === 32 && next > 32) {
    scanner.at = at + 1 // what Python's json writes behind each colon and comma
    return next
  }
  skipSpace(scanner)
  return text.charCodeAt(scanner.at)
}

/** Skips white space and one character that must stand there. */
export const expectCode = (scanner: Scanner, code: number): void => {
  if (peek(scanner) !== code) throw badJson(scanner, `"${String.fromCharCode(code)}"`)
  scanner.at += 1
}

/**
 * After a member of an object or array: true when another follows, false when it was the last.
 * @param close the code of `}` or `]`
 */
export const nextMember = (scanner: Scanner, close: number): boolean => {
  const code = peek(scanner)
  if (code !== 44 && code !== close) throw badJson(scanner, `"," or "${String.fromCharCode(close)}"`)
  scanner.at += 1
  return code === 44
}

/** True when the object or array that was just opened is empty; then it is closed. */
export const isEmpty = (scanner: Scanner, close: number): boolean => {
  if (peek(scanner) !== close) return false
  scanner.at += 1
  return true
}

/** One of the literals (with their quotes) without making a string of it, or any other key. */
export const readKey = <Key extends string>(
  scanner: Scanner,
  known: readonly (readonly [string, Key])[],
): Key | string => {
  peek(scanner)
  for (const [literal, key] of known) if (skipWord(scanner, literal)) return key
  return readString(scanner)
}

/** JSON.parse takes half of a surrogate pair for a character; the official library does not. */
export const readString = (scanner: Scanner): string => {
  if (peek(scanner) !== quote) throw badJson(scanner, 'a string')
  const { text } = scanner
  const start = scanner.at + 1
  let at = start
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === quote) break
    if (code === backslash || !(code >= 32)) return readEscapedString(scanner)
    at += 1
  }
  scanner.at = at + 1
  return text.slice(start, at)
}

const readEscapedString = (scanner: Scanner): string => {
  const { text, at: start } = scanner
  let at = start + 1
  for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(at)) {
    if (!(code >= 32)) {
      scanner.at = Math.min(at, text.length)
      throw badJson(scanner, at < text.length ? 'an escape in place of a control character' : 'the end of a string')
    }
    at += code === backslash ? 2 : 1
  }
  const value = decodeEscapes(text.slice(start + 1, at))
  if (value === null) throw badJson(scanner, 'a string with valid escapes')
  if (!value.isWellFormed())
    throw refuse(
      scanner,
      scanner.kind.fault,
      `A string of the ${scanner.kind.name} has half of a surrogate pair in it.`,
    )
  scanner.at = at + 1
  return value
}

/** Any JSON value of an ignored field, checked as strictly as the official library checks it. `depth` counts what is open. */
export const skipValue = (scanner: Scanner, depth: number): void => {
  const code = peek(scanner)
  if (code === quote) readString(scanner)
  else if (code === 123 || code === 91) skipMembers(scanner, code, depth + 1)
  else if (!['true', 'false', 'null'].some((word) => skipWord(scanner, word))) skipNumber(scanner)
}

export const skipWord = (scanner: Scanner, word: string): boolean => {
  if (!scanner.text.startsWith(word, scanner.at)) return false
  scanner.at += word.length
  return true
}

const skipMembers = (scanner: Scanner, open: number, depth: number): void => {
  if (depth > deepest)
    throw refuse(scanner, 'TOO_DEEP', `The ${scanner.kind.name} nests more than ${deepest} objects and arrays.`)
  scanner.at += 1
  const close = open + 2
  if (isEmpty(scanner, close)) return
  do {
    if (open === 123) {
      readString(scanner)
      expectCode(scanner, 58)
    }
    skipValue(scanner, depth)
  } while (nextMember(scanner, close))
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

const skipNumber = (scanner: Scanner): void => {
  number.lastIndex = scanner.at
  const literal = number.exec(scanner.text)?.[0]
  if (literal === undefined) throw badJson(scanner, 'a value')
  if (!Number.isFinite(Number(literal)))
    throw refuse(
      scanner,
      scanner.kind.fault,
      `A number of the ${scanner.kind.name} is larger than any computer counts.`,
    )
  scanner.at += literal.length
}

const largestU64 = 2n ** 64n - 1n

/**
 * A whole number of 0 to 2^64 − 1, written with digits alone: no sign, no fraction, no exponent, no leading zero. Above
 * 2^53 it is rounded; no offset or size of a file that exists is that large, so the caller refuses it.
 * @returns null when something else stands there; then the scanner has not moved
 */
export const readUnsigned = (scanner: Scanner): number | null => {
  peek(scanner)
  const { text, at: start } = scanner
  let at = start
  let value = 0
  for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 48)
    value = value * 10 + digit
  const length = at - start
  const next = text.charCodeAt(at)
  const isFraction = next === 46 || next === 101 || next === 69
  if (length === 0 || isFraction || (length > 1 && text.charCodeAt(start) === 48)) return null
  if (length > 15 && (length > 20 || BigInt(text.slice(start, at)) > largestU64)) return null
  scanner.at = at
  return value
}

/** After the whole value: nothing but white space may follow. */
export const expectEnd = (scanner: Scanner): void => {
  skipSpace(scanner)
  if (scanner.at < scanner.text.length)
    throw refuse(scanner, scanner.kind.fault, `Something follows the JSON of the ${scanner.kind.name}.`)
}
