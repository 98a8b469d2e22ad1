import type { Stats } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, normalize, parse, sep } from 'node:path'
import { AppError, errnoOf } from '../../lib/appError.ts'
import { pathFault } from '../../lib/pathFault.ts'
import { contains, isSystemPlace } from '../folderPath.ts'

/** A path as the list knows it: no `..`, no doubled separator, none at its end. Links in it stay. */
export const plainPath = (path: string): string => {
  const plain = normalize(path)
  return plain.endsWith(sep) && plain !== parse(plain).root ? plain.slice(0, -1) : plain
}

const assertAbsolute = (path: string): void => {
  if (!isAbsolute(path) || path.includes('\0'))
    throw new AppError('PATH_UNUSABLE', `"${path}" is not an absolute path. It has to begin at the root of a disk.`)
}

/** A file or folder that is there, without a separator at its end. @throws AppError PATH_UNUSABLE */
export const existingPath = async (path: string): Promise<string> => {
  assertAbsolute(path)
  try {
    const real = await realpath(normalize(path))
    if (isForbidden(real, await stat(real)))
      throw new AppError('PATH_UNUSABLE', `${path} belongs to the operating system and holds no files of its own.`)
  } catch (error) {
    throw error instanceof AppError ? error : new AppError('PATH_UNUSABLE', pathFault(path, error), { cause: error })
  }
  return plainPath(path)
}

/** Also where only a link leads there. Of files only those in memory (/dev/shm) are the person's own. */
const isForbidden = (real: string, found: Stats): boolean =>
  isSystemPlace(real) && (found.isDirectory() || !contains('/dev', real))

/** Where nothing is yet, in a folder that is there. @throws AppError PATH_UNUSABLE, FILE_EXISTS */
export const freePath = async (path: string): Promise<string> => {
  if (!isAbsolute(path) || path.includes('\0') || path.endsWith(sep))
    throw new AppError('PATH_UNUSABLE', `"${path}" is not the absolute path of a file.`)
  const folder = await existingPath(dirname(path))
  const target = join(folder, basename(path))
  if (await isThere(target)) throw new AppError('FILE_EXISTS', `There is already a ${target}.`)
  if (await isThere(`${target}.part`))
    throw new AppError('FILE_EXISTS', `There is already a ${target}.part, which the copy would need for itself.`, {
      advice: 'It is a download under way or a copy that was broken off. Choose another name, or remove it.',
    })
  return target
}

const isThere = async (path: string): Promise<boolean> => {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw new AppError('PATH_UNUSABLE', pathFault(path, error), { cause: error })
  }
}
