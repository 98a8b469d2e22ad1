import type { ArgumentKind } from './opcodes.ts'
import { PickleFault } from './pickleFault.ts'
import type { PickleReader } from './pickleReader.ts'
import { longOf } from './pythonText.ts'

/** Texts and bytes: where they lie, and their beginning. */
export interface Counted {
  readonly offset: number
  readonly length: number
  /** the first 64 KiB; valid until the next wait */
  readonly head: Buffer
}

export type Argument = number | bigint | Buffer | Counted | readonly [Buffer, Buffer] | null

/** Of longer texts and bytes only this much is looked at. */
export const keptBytes = 1 << 16

/** Most arguments are in memory already: then nothing waits. */
export const readArgument = (reader: PickleReader, kind: ArgumentKind): Argument | Promise<Argument> => {
  const wait = waitFor(reader, kind)
  return wait === undefined ? decode(reader, kind) : wait.then(() => decode(reader, kind))
}

const waitFor = (reader: PickleReader, kind: ArgumentKind): Promise<void> | undefined => {
  if (kind === 'none') return undefined
  if (kind === 'line' || kind === 'two-lines') return reader.lineReady()
  return reader.ready(9)
}

const decode = (reader: PickleReader, kind: ArgumentKind): Argument | Promise<Argument> => {
  switch (kind) {
    case 'none':
      return null
    case 'u1':
      return reader.take(1).readUInt8()
    case 'u2':
      return reader.take(2).readUInt16LE()
    case 'u4':
      return reader.take(4).readUInt32LE()
    case 'i4':
      return reader.take(4).readInt32LE()
    case 'u8':
      return reader.take(8).readBigUInt64LE()
    case 'f8':
      return reader.take(8).readDoubleBE()
    case 'line':
      return reader.line()
    case 'two-lines':
      return twoLines(reader)
    default:
      return counted(reader, kind)
  }
}

const twoLines = (reader: PickleReader): Argument | Promise<Argument> => {
  const first = Buffer.from(reader.line())
  const wait = reader.lineReady()
  return wait === undefined ? [first, reader.line()] : wait.then(() => [first, reader.line()])
}

const lengthOf = (reader: PickleReader, kind: ArgumentKind): number => {
  if (kind.endsWith('1')) return reader.take(1).readUInt8()
  if (kind.endsWith('8')) return Number(reader.take(8).readBigUInt64LE())
  const isSigned = kind === 'string4' || kind === 'long4'
  const length = isSigned ? reader.take(4).readInt32LE() : reader.take(4).readUInt32LE()
  if (length < 0) throw new PickleFault('damaged', 'a length in it is negative')
  return length
}

/** The length is compared with what is left before anything is read or allocated. */
const counted = (reader: PickleReader, kind: ArgumentKind): Argument | Promise<Argument> => {
  const length = lengthOf(reader, kind)
  if (length > reader.left) throw new PickleFault('damaged', 'it ends in the middle of a text or of bytes')
  const isLong = kind === 'long1' || kind === 'long4'
  if (isLong && length > 4096) throw new PickleFault('budget', 'a number in it has more than 4096 bytes')
  const kept = Math.min(length, keptBytes)
  const finish = (): Argument => {
    const offset = reader.position
    const head = reader.take(kept)
    if (isLong) return longOf(head)
    reader.skip(length - kept)
    return { offset, length, head }
  }
  const wait = reader.ready(kept)
  return wait === undefined ? finish() : wait.then(finish)
}
