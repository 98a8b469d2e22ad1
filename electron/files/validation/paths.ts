import { lstat, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path'
import { AppError, errnoOf } from '../../lib/appError.ts'
import { folderFault, isSystemPlace } from '../folderPath.ts'

/** A file or folder that is there, without a separator at its end. @throws AppError PATH_UNUSABLE */
export const existingPath = async (path: string): Promise<string> => {
  if (!isAbsolute(path) || path.includes('\0'))
    throw new AppError('PATH_UNUSABLE', `"${path}" is not an absolute path. It has to begin at the root of a disk.`)
  const plain = normalize(path)
  const found = await stat(plain).catch((error: unknown) => {
    throw new AppError('PATH_UNUSABLE', folderFault(path, error), { cause: error })
  })
  if (found.isDirectory() && isSystemPlace(plain))
    throw new AppError('PATH_UNUSABLE', `${path} belongs to the operating system and holds no files of its own.`)
  return plain.length > 1 && /[/\\]$/.test(plain) ? plain.slice(0, -1) : plain
}

/** Where nothing is yet, in a folder that is there. @throws AppError PATH_UNUSABLE, FILE_EXISTS */
export const freePath = async (path: string): Promise<string> => {
  if (!isAbsolute(path) || path.includes('\0') || path.endsWith(sep))
    throw new AppError('PATH_UNUSABLE', `"${path}" is not the absolute path of a file.`)
  const folder = await existingPath(dirname(path))
  const target = join(folder, basename(path))
  const found = await lstat(target).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null
    throw new AppError('PATH_UNUSABLE', folderFault(target, error), { cause: error })
  })
  if (found !== null) throw new AppError('FILE_EXISTS', `There is already a ${target}.`)
  return target
}
