import type { ByteSource } from '../byteSource.ts'
import { PickleFault } from './pickleFault.ts'

const windowBytes = 1 << 18
const longestLine = 1 << 16

/** Walks forward through a pickle. `ready` is the only thing that waits; what is skipped is not read. */
export interface PickleReader {
  /** in the source */
  readonly position: number
  readonly left: number
  /** Brings `length` bytes, or all that are left, into memory. */
  ready(length: number): Promise<void> | undefined
  /** Brings a whole line into memory. */
  lineReady(): Promise<void> | undefined
  /** The next byte when it is in memory already, else −1. */
  quick(): number
  /** Must be ready; a fault when the pickle ends before. Valid until the next wait. */
  take(length: number): Buffer
  /** Without its newline. */
  line(): Buffer
  skip(length: number): void
}

export const createPickleReader = (source: ByteSource, offset: number): PickleReader => {
  let bytes: Buffer = Buffer.alloc(0)
  let start = offset
  let at = 0

  const load = async (length: number) => {
    const position = start + at
    const read = await source.read(position, Math.min(Math.max(length, windowBytes), source.sizeBytes - position))
    bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
    start = position
    at = 0
  }
  const left = () => source.sizeBytes - start - at
  const ready = (length: number) => {
    const wanted = Math.min(length, left())
    return wanted <= 0 || at + wanted <= bytes.length ? undefined : load(wanted)
  }

  return {
    get position() {
      return start + at
    },
    get left() {
      return left()
    },
    ready,
    lineReady: () => {
      const end = bytes.indexOf(10, at)
      return end >= 0 && at <= bytes.length ? undefined : ready(longestLine)
    },
    quick: () => (at < bytes.length ? (bytes[at++] ?? -1) : -1),
    take(length) {
      if (at + length > bytes.length) throw new PickleFault('damaged', 'it ends in the middle')
      at += length
      return bytes.subarray(at - length, at)
    },
    line() {
      const end = bytes.indexOf(10, at)
      if (end < 0 && left() > longestLine) throw new PickleFault('budget', 'a line of it is longer than 64 KiB')
      if (end < 0) throw new PickleFault('damaged', 'a line in it has no end')
      const line = bytes.subarray(at, end)
      at = end + 1
      return line
    },
    skip(length) {
      if (!(length <= left())) throw new PickleFault('damaged', 'it ends in the middle')
      at += length
    },
  }
}
