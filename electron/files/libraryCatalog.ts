import type { ArtifactRepository } from '../catalog/artifactRepository.ts'
import { AppError, errnoOf } from '../lib/appError.ts'
import { contains } from './folderPath.ts'
import type { ModelFileSummary } from './formats/modelFile.ts'
import type { CatalogArtifact, ReadArtifact } from './scanFolder.ts'

const freeKey = (candidates: readonly string[], isTaken: (key: string) => boolean): string => {
  const free = candidates.find((key) => !isTaken(key))
  if (free !== undefined) return free
  const last = candidates.at(-1) ?? 'model'
  for (let n = 2; ; n++) if (!isTaken(`${last}~${n}`)) return `${last}~${n}`
}

const written = <T>(write: () => T): T => {
  try {
    return write()
  } catch (error) {
    if (errnoOf(error) !== 'SQLITE_FULL') throw error
    throw new AppError('DISK_FULL', 'The disk with the data folder is full: what was found could not be noted.', {
      cause: error,
    })
  }
}

/**
 * The artifacts in memory, as the catalog has them: it is written first, always. The list is asked for far more often
 * than it changes, and reading ten thousand rows takes longer than the main thread may stand still.
 */
export const createLibraryCatalog = (
  artifacts: ArtifactRepository<ModelFileSummary>,
  onChange: (change: { changed: readonly string[]; removed: readonly string[] }) => void,
) => {
  const byPath = new Map(artifacts.list().map((artifact) => [artifact.path, artifact]))
  const byKey = new Map([...byPath.values()].map((artifact) => [artifact.key, artifact]))

  return {
    all: (): readonly CatalogArtifact[] => [...byKey.values()],
    byKey: (key: string): CatalogArtifact | null => byKey.get(key) ?? null,
    byPath: (path: string): CatalogArtifact | null => byPath.get(path) ?? null,
    below: (folder: string): CatalogArtifact[] => [...byPath.values()].filter(({ path }) => contains(folder, path)),

    /** A path keeps its key. */
    save: (read: readonly ReadArtifact[]): void => {
      const chosen = new Set<string>()
      const keyed = read.map(({ keyCandidates, ...artifact }) => {
        const key =
          byPath.get(artifact.path)?.key ?? freeKey(keyCandidates, (name) => byKey.has(name) || chosen.has(name))
        chosen.add(key)
        return { ...artifact, key }
      })
      written(() => artifacts.save(keyed.map(({ key, ...artifact }) => ({ ...artifact, keyCandidates: [key] }))))
      for (const artifact of keyed) {
        byPath.set(artifact.path, artifact)
        byKey.set(artifact.key, artifact)
      }
      onChange({ changed: keyed.map(({ key }) => key), removed: [] })
    },

    remove: (paths: readonly string[]): void => {
      written(() => artifacts.remove(paths))
      const removed = paths.flatMap((path) => byPath.get(path)?.key ?? [])
      for (const path of paths) byPath.delete(path)
      for (const key of removed) byKey.delete(key)
      if (removed.length > 0) onChange({ changed: [], removed })
    },
  }
}

export type LibraryCatalog = ReturnType<typeof createLibraryCatalog>
