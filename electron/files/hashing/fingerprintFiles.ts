import { openFileSource } from '../formats/byteSource.ts'
import { combine, fingerprint } from './fingerprint.ts'

const ofFile = async (path: string): Promise<string> => {
  const source = await openFileSource(path)
  try {
    return await fingerprint(source)
  } finally {
    await source.close()
  }
}

/**
 * Of a model in these files, first shard first; at most 248 KiB of each are read.
 * @throws FormatError when one cannot be read
 */
export const fingerprintFiles = async (paths: readonly string[]): Promise<string | null> => {
  const prints: string[] = []
  for (const path of paths) prints.push(await ofFile(path))
  return prints.length === 0 ? null : combine(prints)
}
