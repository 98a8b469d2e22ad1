import { opendir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { errnoOf } from '../../lib/appError.ts'
import { type FileSource, openFileSource } from './byteSource.ts'
import { FormatError } from './formatError.ts'

export interface FolderEntry {
  /** relative to the folder, parts separated by `/` */
  readonly name: string
  readonly sizeBytes: number
  /** Unix milliseconds */
  readonly modifiedAt: number
}

/** The files of one folder and of those below it, by relative name. What leads out of it is not there. */
export interface FolderSource {
  readonly name: string
  /** Sorted by name. Bounded: a folder with too much in it is a FormatError. */
  list(): Promise<readonly FolderEntry[]>
  /**
   * The caller closes it. `name` may come from a file's content: a name that is absolute, has `..` in it or leads out by
   * a link is a FormatError PATH_ESCAPES, one that is not there FILE_MISSING.
   */
  open(name: string): Promise<FileSource>
}

const mostEntries = 20_000
const deepest = 4

/** Windows reads these as devices and streams whatever folder they stand in; no honest file is called so. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

const escapes = (name: string) =>
  new FormatError('PATH_ESCAPES', `The name "${name.slice(0, 200)}" leads out of the model's folder.`, {
    details: { name: name.slice(0, 200) },
  })

/** Relative, of plain names only. Both separators count on every system: files travel. */
const partsOf = (name: string): string[] => {
  const parts = name.split(/[/\\]/)
  const isPlain = (part: string) => part !== '' && part !== '.' && part !== '..' && !deviceName.test(part)
  if (name.length > 1000 || /[\0:]/.test(name) || !parts.every(isPlain)) throw escapes(name)
  return parts
}

/** Where names differ in case or form and mean the same file, only more than that is a link. */
const sameName = (one: string, other: string): boolean =>
  one === other || (process.platform !== 'linux' && one.normalize().toLowerCase() === other.normalize().toLowerCase())

const isThroughLink = async (folder: string, parts: readonly string[], real: string): Promise<boolean> =>
  !sameName(real, join(folder, ...parts)) && !sameName(real, join(await realpath(folder), ...parts))

/**
 * @param path of the folder, links resolved
 * @param root links may lead to any place below it; the folder itself unless it is part of a store that links its files
 */
export const openFolderSource = (path: string, name: string, root = path): FolderSource => {
  const isInside = (real: string) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)
  let listed: Promise<readonly FolderEntry[]> | null = null

  const walk = async (): Promise<FolderEntry[]> => {
    const entries: FolderEntry[] = []
    const waiting: { path: string; name: string; depth: number }[] = [{ path, name: '', depth: 0 }]
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      for await (const entry of await opendir(folder.path)) {
        const place = join(folder.path, entry.name)
        const inner = folder.name === '' ? entry.name : `${folder.name}/${entry.name}`
        if (entry.isDirectory()) {
          if (folder.depth < deepest && !entry.name.startsWith('.git'))
            waiting.push({ path: place, name: inner, depth: folder.depth + 1 })
          continue
        }
        const real = entry.isSymbolicLink() ? await realpath(place).catch(() => null) : place
        if (real === null || !isInside(real)) continue
        const found = await stat(real).catch(() => null) // vanished since it was listed
        if (!found?.isFile()) continue
        entries.push({ name: inner, sizeBytes: found.size, modifiedAt: Math.trunc(found.mtimeMs) })
        if (entries.length > mostEntries)
          throw new FormatError('TOO_MANY_FILES', `There are more than ${mostEntries} files in this folder.`)
      }
    }
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  return {
    name,
    list: () => {
      listed ??= walk()
      return listed
    },
    open: async (inner) => {
      const parts = partsOf(inner)
      const real = await realpath(join(path, ...parts)).catch((error: unknown) => {
        const isGone = errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR'
        throw new FormatError(
          isGone ? 'FILE_MISSING' : 'READ_FAILED',
          `The file "${inner.slice(0, 200)}" ${isGone ? 'is missing' : 'cannot be read'}.`,
          { cause: error },
        )
      })
      if (!isInside(real)) throw escapes(inner)
      const source = await openFileSource(real)
      return { ...source, isThroughLink: await isThroughLink(path, parts, real) }
    },
  }
}
