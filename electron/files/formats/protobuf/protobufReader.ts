import type { ByteSource } from '../byteSource.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'

/** One field of a message. Source: protobuf.dev, "Encoding". */
export interface Field {
  readonly number: number
  /** 0 a number, 1 eight bytes, 2 bytes with their length, 5 four bytes */
  readonly wire: 0 | 1 | 2 | 5
  /** wire 0, as int64; beyond 2^53 − 1 it is ±Infinity, so that every limit refuses it */
  readonly value: number
  /** where the payload lies in the file */
  readonly start: number
  readonly end: number
}

export interface Span {
  readonly start: number
  readonly end: number
}

/** 'stop' leaves the rest of the message alone. */
export type Visit = (field: Field) => Promise<unknown> | 'stop' | undefined

export interface ProtobufReader {
  /**
   * Calls `visit` for every field of the message in this span, without reading what lies in it: of payloads the first
   * 4 KiB are at hand while `visit` runs, until it waits for something else.
   * @param depth of this message: 0 for the file itself; parsers give up beyond 100
   */
  walk(span: Span, depth: number, visit: Visit): Promise<void>
  /** A text of up to 4 KiB. Only while its field is visited. */
  text(field: Field): string
  /** The first bytes of a payload, up to 4 KiB. Only while its field is visited. */
  beginning(field: Field): Buffer
  /** The numbers of a field that may be packed, up to 4 KiB of them. Only while its field is visited. */
  integers(field: Field): number[]
  /** How many numbers are packed in it; null when it is longer than 4 KiB. Only while its field is visited. */
  countIntegers(field: Field): number | null
}

const atHand = 4096
const deepest = 100
const limits = { fields: 4_000_000, messages: 1_200_000, reads: 40_000, readBytes: 1 << 30 }
const leastRead = 16 << 10
const mostRead = 1 << 20

const corrupt = (offset: number, what: string) =>
  new FormatError('BAD_MESSAGE', `The file is damaged or incomplete: ${what}. Download it again.`, { offset })

const tooMuch = (offset: number) =>
  new FormatError('TOO_MUCH_WORK', 'The file has more parts than any honest model. Berth stops here.', { offset })

/** Reads protobuf lazily: what nobody asks for is stepped over. Groups (wire types 3 and 4) are refused. */
export const createProtobufReader = (source: ByteSource, { signal }: ReadOptions = {}): ProtobufReader => {
  let bytes: Buffer = Buffer.alloc(0)
  let start = 0
  let size = leastRead
  const left = { ...limits }

  const isAtHand = (at: number, length: number) => at >= start && at + length <= start + bytes.length

  /** Grows while the walk goes straight on, and starts small again behind a leap. */
  const load = async (at: number, length: number): Promise<void> => {
    signal?.throwIfAborted()
    size = at >= start && at <= start + bytes.length ? Math.min(size * 2, mostRead) : leastRead
    const wanted = Math.min(Math.max(length, size), source.sizeBytes - at)
    left.reads -= 1
    left.readBytes -= wanted
    if (left.reads < 0 || left.readBytes < 0) throw tooMuch(at)
    const read = await source.read(at, wanted, bytes)
    bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
    start = at
  }

  const header = (at: number, end: number): Field => {
    const key = varint(bytes, at - start, Math.min(bytes.length, end - start))
    if (key === null || key.value < 8 || key.value > 0xffff_ffff) throw corrupt(at, 'a field has no number')
    const [number, wire] = [Math.floor(key.value / 8), key.value % 8]
    const from = start + key.next
    if (wire === 1 || wire === 5) return { number, wire, value: 0, start: from, end: from + (wire === 1 ? 8 : 4) }
    if (wire !== 0 && wire !== 2) throw corrupt(at, `a field of type ${wire} is not in use`)
    const parsed = varint(bytes, key.next, Math.min(bytes.length, end - start))
    if (parsed === null) throw corrupt(at, 'a number does not end')
    const payload = start + parsed.next
    if (wire === 0) return { number, wire, value: parsed.value, start: from, end: payload }
    if (parsed.value < 0) throw corrupt(at, 'a length is negative')
    return { number, wire, value: 0, start: payload, end: payload + parsed.value }
  }

  const shown = ({ start: from, end }: Field): Buffer => {
    if (!isAtHand(from, Math.min(end - from, atHand))) throw new Error('a field was read after its turn')
    return bytes.subarray(from - start, from - start + Math.min(end - from, atHand))
  }

  return {
    async walk(span, depth, visit) {
      if (depth > deepest)
        throw new FormatError(
          'TOO_DEEP',
          `Messages lie deeper than ${deepest} in one another: no runtime reads that.`,
          {
            offset: span.start,
          },
        )
      left.messages -= 1
      if (left.messages < 0) throw tooMuch(span.start)
      for (let at = span.start; at < span.end; ) {
        const most = Math.min(20, span.end - at)
        if (!isAtHand(at, most)) await load(at, most)
        left.fields -= 1
        if (left.fields < 0) throw tooMuch(at)
        const field = header(at, span.end)
        if (field.end > span.end) throw corrupt(at, 'a part is longer than what holds it')
        const needed = Math.min(field.end - field.start, atHand)
        if (!isAtHand(field.start, needed)) await load(field.start, needed)
        const wait = visit(field)
        if (wait === 'stop') return
        if (wait !== undefined) await wait
        at = field.end
      }
    },
    text(field) {
      if (field.wire !== 2) return ''
      if (field.end - field.start > atHand)
        throw new FormatError('STRING_TOO_LONG', `A name has more than ${atHand} bytes.`, { offset: field.start })
      return shown(field).toString('utf8')
    },
    beginning: (field) => (field.wire === 2 ? shown(field) : Buffer.alloc(0)),
    integers(field) {
      if (field.wire === 0) return [field.value]
      if (field.end - field.start > atHand) throw tooMuch(field.start)
      const numbers: number[] = []
      const payload = shown(field)
      for (let at = 0; at < payload.length; ) {
        const parsed = varint(payload, at, payload.length)
        if (parsed === null) throw corrupt(field.start + at, 'a number does not end')
        numbers.push(parsed.value)
        at = parsed.next
      }
      return numbers
    },
    countIntegers(field) {
      if (field.wire === 0) return 1
      if (field.end - field.start > atHand) return null
      return shown(field).reduce((count, byte) => count + Number(byte < 0x80), 0)
    },
  }
}

/** A base-128 number of up to ten bytes as int64; null when it does not end. Bits above the 64th are dropped, as parsers do. */
export const varint = (bytes: Buffer, at: number, end: number): { value: number; next: number } | null => {
  let [low, middle, high] = [0, 0, 0]
  for (let index = 0; index < 10 && at + index < end; index++) {
    const byte = bytes[at + index] ?? 0
    if (index < 4) low += (byte & 0x7f) << (7 * index)
    else if (index < 8) middle += (byte & 0x7f) << (7 * (index - 4))
    else high += index === 8 ? byte & 0x7f : (byte & 1) << 7
    if (byte < 0x80) return { value: int64(low, middle, high), next: at + index + 1 }
  }
  return null
}

/** From 28 + 28 + 8 bits, exact within ±(2^53 − 1) and ±Infinity beyond. */
const int64 = (low: number, middle: number, high: number): number => {
  const isNegative = (high & 0x80) !== 0
  const [l, m, h] = isNegative ? [0xfff_ffff - low, 0xfff_ffff - middle, 0xff - high] : [low, middle, high]
  const size = l + m * 2 ** 28 + h * 2 ** 56
  const value = isNegative ? -1 - size : size
  return Number.isSafeInteger(value) ? value : isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
