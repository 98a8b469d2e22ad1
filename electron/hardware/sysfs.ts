import { readFile } from 'node:fs/promises'

/**
 * The text of a file of sysfs or procfs. null for whatever reason it cannot be read: such files may be missing, exist
 * and fail (EINVAL, EBUSY, ENOTSUPP), or belong to somebody else, each one on its own.
 */
export const readText = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  )

export async function readNumber(path: string): Promise<number | null> {
  const text = await readText(path)
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null
}
