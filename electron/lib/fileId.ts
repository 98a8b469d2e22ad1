import { stat } from 'node:fs/promises'

/** Device and file number: equal for every name of one file, links followed. Null when it cannot be looked at. */
export const fileIdOf = async (path: string): Promise<string | null> => {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return null // it is gone, or on another machine
  }
}
