import type { FormatErrorCode } from '../formatError.ts'
import { FormatError } from '../formatError.ts'

/** Sizes of addresses and lengths, which each file chooses. */
export interface Widths {
  readonly offset: number
  readonly length: number
}

export const damaged = (message: string, offset: number | null = null, code: FormatErrorCode = 'BAD_MESSAGE') =>
  new FormatError(code, `${message} The file is damaged.`, offset === null ? {} : { offset })

/** Reads little-endian values one after another; beyond the end of the piece it is a FormatError. */
export interface PieceReader {
  readonly at: number
  readonly left: number
  /** of 1 to 8 bytes; beyond 2^53 Infinity, and the address of nothing (all ones) is null */
  unsigned(bytes: number): number
  address(): number | null
  lengthValue(): number
  bytes(length: number): Buffer
  skip(length: number): void
}

export const pieceReader = (piece: Buffer, widths: Widths): PieceReader => {
  let at = 0
  const take = (length: number): number => {
    if (!(length >= 0 && at + length <= piece.length)) throw damaged('A part of it ends too early.')
    at += length
    return at - length
  }
  const unsigned = (length: number): number => {
    const from = take(length)
    let value = 0
    for (let index = length - 1; index >= 0; index--) value = value * 256 + (piece[from + index] ?? 0)
    return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY
  }
  return {
    get at() {
      return at
    },
    get left() {
      return piece.length - at
    },
    unsigned,
    address() {
      const isNothing = piece.subarray(at, at + widths.offset).every((byte) => byte === 0xff)
      const value = unsigned(widths.offset)
      return isNothing ? null : value
    },
    lengthValue: () => unsigned(widths.length),
    bytes(length) {
      const from = take(length)
      return piece.subarray(from, from + length)
    },
    skip(length) {
      take(length)
    },
  }
}

/** A text that ends in NUL, or where the piece ends. */
export const textOf = (bytes: Buffer): string => {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end)
}
