import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { AppError } from '../../lib/appError.ts'
import { pathFault } from '../../lib/pathFault.ts'

/** A file on this machine that is opened once, and hashed and sent as what was opened. */
export interface LocalFile {
  /** as Ollama shall know it: relative, with slashes */
  readonly name: string
  readonly sizeBytes: number
  /** @returns 64 lower-case hex digits */
  sha256(onBytes: (done: number) => void, signal: AbortSignal): Promise<string>
  /** its bytes; one that was shortened meanwhile ends with an error */
  content(onBytes: (done: number) => void): Readable
  /** @param most bytes at its beginning */
  head(most: number): Promise<Buffer>
  close(): Promise<void>
}

/** Hashed in one go on the main thread: under a millisecond each. */
const pieceBytes = 512 * 1024

/** A pipe or a device must not be waited for, nor a link followed that came after the look. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

/**
 * @param path without links
 * @throws AppError PATH_UNUSABLE, FILE_INVALID
 */
export const openLocalFile = async (path: string, name: string): Promise<LocalFile> => {
  const handle = await open(path, flags).catch((error: unknown) => {
    throw new AppError('PATH_UNUSABLE', pathFault(path, error), { cause: error })
  })
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw new AppError('PATH_UNUSABLE', `${path} is not a plain file.`)
    if (stats.size === 0) throw new AppError('FILE_INVALID', `${path} is empty.`)
    return fileOf(handle, stats, name)
  } catch (error) {
    await handle.close()
    throw error
  }
}

const fileOf = (handle: FileHandle, { size: sizeBytes }: Stats, name: string): LocalFile => {
  async function* pieces(onBytes: (done: number) => void): AsyncGenerator<Buffer> {
    for (let at = 0; at < sizeBytes; ) {
      // a piece is still being sent while the next is read, so each has its own memory
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes - at))
      const { bytesRead } = await handle.read(piece, 0, piece.length, at)
      if (bytesRead === 0) throw new AppError('FILE_INVALID', `${name} was shortened while it was read.`)
      at += bytesRead
      yield piece.subarray(0, bytesRead)
      onBytes(at)
    }
  }
  return {
    name,
    sizeBytes,
    sha256: async (onBytes, signal) => {
      const hash = createHash('sha256')
      for await (const piece of pieces(onBytes)) {
        if (signal.aborted) throw new AppError('CANCELLED')
        hash.update(piece)
      }
      return hash.digest('hex')
    },
    content: (onBytes) => Readable.from(pieces(onBytes), { objectMode: false, highWaterMark: pieceBytes }),
    head: async (most) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(most), 0, most, 0)
      return buffer.subarray(0, bytesRead)
    },
    close: () => handle.close(),
  }
}
