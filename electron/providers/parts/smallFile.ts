import { open, stat } from 'node:fs/promises'

const usualBytes = 65_536

/** Settings of another program; null where they cannot be read, are no file, or are larger than any settings are. */
export const readSmallText = async (path: string, maxBytes = usualBytes): Promise<string | null> => {
  try {
    const found = await stat(path)
    if (!found.isFile() || found.size > maxBytes) return null
    const handle = await open(path)
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch {
    return null // not installed, or not ours to read
  }
}

/** Undefined where it is none. */
export const readJson = async (path: string, maxBytes = usualBytes): Promise<unknown> => {
  try {
    return JSON.parse((await readSmallText(path, maxBytes)) ?? '')
  } catch {
    return undefined // another program may be just writing it
  }
}
