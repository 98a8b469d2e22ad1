import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { errnoOf, messageOf } from '../../lib/appError.ts'
import { FormatError, type FormatErrorCode } from './formatError.ts'

/** Bytes at random access: a file, memory, later an address. */
export interface ByteSource {
  readonly sizeBytes: number
  /**
   * Exactly `length` bytes, or a FormatError. The caller asks only for what lies inside the source. What an earlier read
   * returned may be given as `reuse` when nothing refers to it any more.
   */
  read(offset: number, length: number, reuse?: Uint8Array): Promise<Uint8Array>
}

export interface FileSource extends ByteSource {
  /** Unix milliseconds */
  readonly modifiedAt: number
  /** device and inode: the same for two names of one file */
  readonly identity: string
  /** names of the file on its disk, this one included: 1 unless there are hard links; 0 where the system does not tell */
  readonly hardLinks: number
  /** a part of the name it was opened by is a symbolic link */
  readonly isThroughLink: boolean
  close(): Promise<void>
}

export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  sizeBytes: bytes.length,
  read: async (offset, length) => {
    if (offset + length > bytes.length) throw shrank(bytes.length, offset + length)
    return bytes.subarray(offset, offset + length)
  },
})

const shrank = (sizeBytes: number, wanted: number) =>
  new FormatError('FILE_SHRANK', 'The file became shorter while it was read. Something else is writing to it.', {
    offset: sizeBytes,
    details: { wantedBytes: wanted },
  })

const openFaults: Readonly<Record<string, readonly [FormatErrorCode, string]>> = {
  ENOENT: ['FILE_MISSING', 'There is no such file.'],
  ENOTDIR: ['FILE_MISSING', 'There is no such file.'],
  EACCES: ['NO_PERMISSION', 'Berth may not read this file.'],
  EPERM: ['NO_PERMISSION', 'Berth may not read this file.'],
  ELOOP: ['IS_A_LINK', 'This is a link. Give the file it points to.'],
  EMLINK: ['IS_A_LINK', 'This is a link. Give the file it points to.'],
  EISDIR: ['NOT_A_REGULAR_FILE', 'This is a folder, not a file.'],
  ENXIO: ['NOT_A_REGULAR_FILE', 'This is a socket or a device, not a file.'],
  ENODEV: ['NOT_A_REGULAR_FILE', 'This is a device, not a file.'],
}

const ioFault = (error: unknown): FormatError => {
  const [code, message] = openFaults[errnoOf(error) ?? ''] ?? [
    'READ_FAILED',
    `The file cannot be read: ${messageOf(error)}`,
  ]
  return new FormatError(code, message, { cause: error })
}

/**
 * Opened without waiting (a pipe without a writer would block) and without following a link in its last part; then the
 * open handle is judged, so a file swapped after any earlier look at its name changes nothing. Windows has neither flag.
 */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0) | (constants.O_NOCTTY ?? 0)

/** The caller resolves links it wants to follow, and closes what it opened. */
export const openFileSource = async (path: string): Promise<FileSource> => {
  const handle = await open(path, flags).catch((error: unknown) => {
    throw ioFault(error)
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw notRegular(stat)
    return {
      sizeBytes: stat.size,
      modifiedAt: stat.mtimeMs,
      identity: `${stat.dev}:${stat.ino}`,
      hardLinks: stat.nlink,
      isThroughLink: false, // links are resolved by who calls
      read: (offset, length, reuse) => readExactly(handle, offset, bufferFor(length, reuse)),
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error instanceof FormatError ? error : ioFault(error)
  }
}

const notRegular = (stat: Stats): FormatError => {
  const what = stat.isDirectory() ? 'a folder' : stat.isFIFO() ? 'a pipe' : stat.isSocket() ? 'a socket' : 'a device'
  return new FormatError('NOT_A_REGULAR_FILE', `This is ${what}, not a file.`)
}

/** Taking and giving back megabytes over and over would leave the collector behind. */
const bufferFor = (length: number, reuse: Uint8Array | undefined): Buffer =>
  reuse !== undefined && reuse.length >= length
    ? Buffer.from(reuse.buffer, reuse.byteOffset, length)
    : Buffer.allocUnsafeSlow(length)

const readExactly = async (handle: FileHandle, offset: number, bytes: Buffer): Promise<Uint8Array> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, offset + done).catch((error: unknown) => {
      throw ioFault(error)
    })
    if (bytesRead === 0) throw shrank(offset + done, offset + bytes.length)
    done += bytesRead
  }
  return bytes
}
