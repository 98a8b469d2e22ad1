import { stat } from 'node:fs/promises'
import type { PlaceFile, StoredPlace } from '../../catalog/fileRepository.ts'

/** Looked at on the disk at the same time. */
const width = 64

/**
 * Paths of which no report is known, or one of other bytes than lie there now. What is not there at all keeps the report
 * it had: its disk may be somewhere else.
 */
export const withoutReport = async (
  paths: readonly string[],
  list: { readonly find: (path: string) => StoredPlace | null },
): Promise<string[]> => {
  const without: string[] = []
  for (let first = 0; first < paths.length; first += width) {
    const some = paths.slice(first, first + width)
    const known = await Promise.all(some.map((path) => isKnown(list.find(path))))
    without.push(...some.filter((_, index) => !known[index]))
  }
  return without
}

const isKnown = async (place: StoredPlace | null): Promise<boolean> => {
  if (!place?.fingerprint) return false
  for (const file of place.files) if (await isOther(file)) return false
  return true
}

const isOther = async ({ path, sizeBytes, modifiedAt }: PlaceFile): Promise<boolean> => {
  const found = await stat(path).catch(() => null) // gone, or not to be reached now
  return found !== null && (found.size !== sizeBytes || Math.trunc(found.mtimeMs) !== modifiedAt)
}
