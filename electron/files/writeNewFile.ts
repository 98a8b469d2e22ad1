import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError, errnoOf, messageOf } from '../lib/appError.ts'
import { syncFolder } from '../lib/syncFolder.ts'

/** What writing fails with, in words for people. Anything else is a bug. */
const writeFault = (path: string, error: unknown): unknown => {
  const code = errnoOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new AppError('DISK_FULL', `The disk is full: ${path} could not be written.`, { cause: error })
  if (code !== null && /^E[A-Z]+$/.test(code))
    return new AppError('PATH_UNUSABLE', `${path} cannot be written: ${messageOf(error)}.`, {
      advice: 'Correct the rights of this folder or choose another data folder.',
      cause: error,
    })
  return error
}

const checkSpace = async (path: string, sizeBytes: number): Promise<void> => {
  const { bavail, bsize } = await statfs(dirname(path))
  const missingBytes = sizeBytes - bavail * bsize
  if (missingBytes > 0)
    throw new AppError('DISK_FULL', `${path} needs ${sizeBytes} bytes; its disk has ${bavail * bsize}.`, {
      details: { missingBytes },
    })
}

/**
 * Writes a file that is either whole under its name or not there at all: under a partial name first, flushed to the
 * disk, then renamed. On any failure nothing is left behind.
 * @throws AppError DISK_FULL, PATH_UNUSABLE
 */
export const writeNewFile = async (
  path: string,
  sizeBytes: number,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> => {
  const partial = `${path}.part`
  try {
    await checkSpace(path, sizeBytes)
    await rm(partial, { force: true })
    const handle = await open(partial, 'wx', 0o644)
    try {
      await write(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(partial, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {}) // what failed first is what to tell
    throw writeFault(path, error)
  }
}
