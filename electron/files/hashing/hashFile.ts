import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { messageOf } from '../../lib/appError.ts'
import { type FileSource, openFileSource } from '../formats/byteSource.ts'
import { FormatError } from '../formats/formatError.ts'
import type { Pacer } from './pacer.ts'

/** Plain data: it travels between threads. */
export interface HashedFile {
  /** 64 lower-case hex digits */
  readonly sha256: string
  /** of the whole file, as it was from the first byte read to the last */
  readonly sizeBytes: number
  /** whole Unix milliseconds */
  readonly modifiedAt: number
}

export interface HashFileOptions {
  /** byte to begin at: behind the header it is what image tools call AutoV3, of which they show the first 12 digits */
  readonly from?: number
  readonly pacer: Pacer
  readonly signal: AbortSignal
  readonly report: (doneBytes: number, ofBytes: number) => void
}

/** Two of these are what hashing a file of any size takes. */
const aheadBytes = 4 << 20
/** Stays in the caches of one core between its being read and its being hashed. */
const inTurnBytes = 1 << 20

const changed = (how: string) =>
  new FormatError('FILE_CHANGED', `The file was ${how} while it was read, so its checksum would belong to nothing.`)

/**
 * SHA-256 of a regular file that is not reached by a link in its last part.
 * @throws FormatError FILE_CHANGED when it is not the same file before and after, and those of `openFileSource`;
 *   the signal's reason when that aborts
 */
export const hashFile = async (path: string, options: HashFileOptions): Promise<HashedFile> => {
  const source = await openFileSource(path)
  try {
    const file = openInThread(path, source)
    try {
      const sha256 = await digest(source, file.read, options)
      await checkUnchanged(path, source, file.descriptor)
      return { sha256, sizeBytes: source.sizeBytes, modifiedAt: Math.trunc(source.modifiedAt) }
    } finally {
      closeSync(file.descriptor)
    }
  } finally {
    await source.close()
  }
}

type ReadInTurn = (offset: number, into: Uint8Array) => Uint8Array

const digest = async (source: FileSource, readInTurn: ReadInTurn, options: HashFileOptions): Promise<string> => {
  const { from = 0, pacer, signal, report } = options
  const { sizeBytes } = source
  if (from > sizeBytes) throw new FormatError('TOO_SHORT', `The file ends before byte ${from}.`, { offset: sizeBytes })
  const hash = createHash('sha256')
  const turnBytes = (offset: number) => Math.min(aheadBytes, sizeBytes - offset)
  let [here, there] = [Buffer.allocUnsafeSlow(turnBytes(from)), Buffer.allocUnsafeSlow(turnBytes(from))]
  let ahead: Promise<Uint8Array> | null = null
  let workedMs = 0
  try {
    for (let offset = from; offset < sizeBytes; ) {
      await pacer.rest(workedMs, signal)
      const startedAt = performance.now()
      const end = offset + turnBytes(offset)
      if (ahead || pacer.control.readAhead) {
        const piece: Uint8Array = await (ahead ?? source.read(offset, end - offset, here))
        ahead = pacer.control.readAhead && end < sizeBytes ? source.read(end, turnBytes(end), there) : null
        ahead?.catch(() => {}) // it is awaited in the next round
        hash.update(piece)
        ;[here, there] = [there, here]
      } else {
        const slice = here.subarray(0, inTurnBytes)
        for (let at = offset; at < end; at += slice.length) hash.update(readInTurn(at, slice.subarray(0, end - at)))
      }
      offset = end
      report(offset - from, sizeBytes - from)
      workedMs = performance.now() - startedAt
    }
  } finally {
    await ahead?.catch(() => {}) // it writes into our buffer
  }
  return hash.digest('hex')
}

const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

/** The same file once more, for reads that no other thread takes part in. */
const openInThread = (path: string, source: FileSource) => {
  const read = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new FormatError('READ_FAILED', `The file cannot be read: ${messageOf(error)}`, { cause: error })
    }
  }
  const descriptor = read(() => openSync(path, flags))
  const { dev, ino } = fstatSync(descriptor)
  if (`${dev}:${ino}` !== source.identity) {
    closeSync(descriptor)
    throw changed('replaced')
  }
  return {
    descriptor,
    read: (offset: number, into: Uint8Array): Uint8Array => {
      for (let done = 0; done < into.length; ) {
        const bytes = read(() => readSync(descriptor, into, done, into.length - done, offset + done))
        if (bytes === 0) throw changed('shortened')
        done += bytes
      }
      return into
    },
  }
}

const checkUnchanged = async (path: string, source: FileSource, descriptor: number): Promise<void> => {
  const after = fstatSync(descriptor)
  if (after.size !== source.sizeBytes || after.mtimeMs !== source.modifiedAt) throw changed('written to')
  const named = await lstat(path).catch(() => null)
  if (named === null) throw changed('moved or deleted')
  if (`${named.dev}:${named.ino}` !== source.identity) throw changed('replaced')
}
