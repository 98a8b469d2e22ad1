import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, sep } from 'node:path'
import { AppError } from '../lib/appError.ts'
import { pathFault } from '../lib/pathFault.ts'

/** Places of the operating system that look like folders of files and are none. */
const systemPlaces = process.platform === 'win32' ? [] : ['/proc', '/sys', '/dev']

/** Both absolute and with links resolved. A folder contains itself. */
export const contains = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

export const isSystemPlace = (path: string): boolean => systemPlaces.some((place) => contains(place, path))

const unusable = (message: string, cause?: unknown) => new AppError('PATH_UNUSABLE', message, { cause })

/**
 * The folder a person means by a path: itself, or the one a file lies in; links resolved, so that one folder has one name.
 * @throws AppError PATH_UNUSABLE
 */
export const resolveFolder = async (path: string): Promise<string> => {
  if (!isAbsolute(path) || path.includes('\0')) {
    throw unusable(`"${path}" is not an absolute path. It has to begin at the root of a disk.`)
  }
  try {
    const real = await realpath(path)
    const found = await stat(real)
    if (!found.isDirectory() && !found.isFile())
      throw unusable(`${path} is a device, a pipe or a socket, not a folder.`)
    const folder = found.isDirectory() ? real : dirname(real)
    if (isSystemPlace(folder))
      throw unusable(`${folder} belongs to the operating system and holds no files of its own.`)
    await access(folder, constants.R_OK | constants.X_OK)
    return folder
  } catch (error) {
    throw error instanceof AppError ? error : unusable(pathFault(path, error), error)
  }
}
