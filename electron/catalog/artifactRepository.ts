import type { CatalogDatabase } from './database.ts'

export interface ArtifactFile {
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedAt: number
}

/** Bytes on a disk that belong together, as last read. `summary` is the format reader's finding; null: broken. */
export interface Artifact<Summary> {
  readonly key: string
  readonly path: string
  /** first shard first */
  readonly files: readonly ArtifactFile[]
  readonly sizeBytes: number
  readonly modifiedAt: number
  readonly format: string
  readonly name: string
  readonly architecture: string | null
  readonly quantization: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly summary: Summary | null
}

interface Row {
  key: string
  path: string
  files: string
  size_bytes: number
  modified_at: number
  format: string
  name: string
  architecture: string | null
  quantization: string | null
  error: string | null
  summary: string | null
}

const columns = 'key, path, files, size_bytes, modified_at, format, name, architecture, quantization, error, summary'

const fromRow = <Summary>(row: Row): Artifact<Summary> => ({
  key: row.key,
  path: row.path,
  files: JSON.parse(row.files),
  sizeBytes: row.size_bytes,
  modifiedAt: row.modified_at,
  format: row.format,
  name: row.name,
  architecture: row.architecture,
  quantization: row.quantization,
  error: row.error === null ? null : JSON.parse(row.error),
  summary: row.summary === null ? null : JSON.parse(row.summary),
})

export const createArtifactRepository = <Summary>(db: CatalogDatabase) => {
  const all = db.prepare<[], Row>(`SELECT ${columns} FROM artifact ORDER BY key`)
  const byKey = db.prepare<[string], Row>(`SELECT ${columns} FROM artifact WHERE key = ?`)
  const keyOf = db.prepare<[string], string>('SELECT key FROM artifact WHERE path = ?').pluck()
  const keyTaken = db.prepare<[string], number>('SELECT 1 FROM artifact WHERE key = ?').pluck()
  const upsert = db.prepare(`
    INSERT INTO artifact (${columns})
    VALUES (@key, @path, @files, @sizeBytes, @modifiedAt, @format, @name, @architecture, @quantization, @error, @summary)
    ON CONFLICT (path) DO UPDATE SET
      files = excluded.files, size_bytes = excluded.size_bytes, modified_at = excluded.modified_at, format = excluded.format,
      name = excluded.name, architecture = excluded.architecture, quantization = excluded.quantization,
      error = excluded.error, summary = excluded.summary`)
  const removeOne = db.prepare<[string]>('DELETE FROM artifact WHERE path = ?')
  const matching = db
    .prepare<[string, number], string>(
      `SELECT artifact.key FROM artifact_search
       JOIN artifact INDEXED BY artifact_keys ON artifact.id = artifact_search.rowid
       WHERE artifact_search MATCH ? LIMIT ?`,
    )
    .pluck()
  const containing = db
    .prepare<{ text: string; limit: number }, string>(
      `SELECT key FROM artifact INDEXED BY artifact_names
       WHERE key LIKE @text ESCAPE '\\' OR name LIKE @text ESCAPE '\\' LIMIT @limit`,
    )
    .pluck()

  /** The file's own name, or with as many parent folders before it as make it unique; then numbered. */
  const freeKey = (candidates: readonly string[]): string => {
    const free = candidates.find((key) => !keyTaken.get(key))
    if (free) return free
    const last = candidates.at(-1) ?? 'model'
    for (let n = 2; ; n++) if (!keyTaken.get(`${last}~${n}`)) return `${last}~${n}`
  }

  return {
    list: (): Artifact<Summary>[] => all.all().map((row) => fromRow<Summary>(row)),

    byKey: (key: string): Artifact<Summary> | null => {
      const row = byKey.get(key)
      return row ? fromRow<Summary>(row) : null
    },

    /**
     * Writes artifacts by path, in one transaction. A known path keeps its key.
     * @param keyCandidates best first; a numbered last one is taken when all are in use
     */
    save: db.transaction(
      (artifacts: readonly (Omit<Artifact<Summary>, 'key'> & { keyCandidates: readonly string[] })[]): void => {
        for (const { keyCandidates, ...artifact } of artifacts) {
          upsert.run({
            ...artifact,
            key: keyOf.get(artifact.path) ?? freeKey(keyCandidates),
            files: JSON.stringify(artifact.files),
            error: artifact.error && JSON.stringify(artifact.error),
            summary: artifact.summary && JSON.stringify(artifact.summary),
          })
        }
      },
    ).immediate,

    remove: db.transaction((paths: readonly string[]): void => {
      for (const path of paths) removeOne.run(path)
    }).immediate,

    /**
     * Keys of artifacts that have every word in their key, name, architecture, quantisation or path; a word of one or two
     * letters in their key or name.
     */
    search: (text: string, limit: number): string[] => {
      const words = text.replaceAll('\0', ' ').split(/\s+/).filter(Boolean)
      const long = words.filter((word) => [...word].length >= 3) // the trigram index cannot see shorter ones
      const short = words.filter((word) => !long.includes(word)).map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`)
      const phrases = long.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND ')
      const questions = [
        ...(long.length > 0 ? [(most: number) => matching.all(phrases, most)] : []),
        ...short.map((text) => (most: number) => containing.all({ text, limit: most })),
      ]
      const [found = [], ...others] = questions.map((ask) => ask(questions.length === 1 ? limit : -1))
      const sets = others.map((keys) => new Set(keys))
      return sets.length === 0 ? found : found.filter((key) => sets.every((set) => set.has(key))).slice(0, limit)
    },
  }
}

export type ArtifactRepository<Summary> = ReturnType<typeof createArtifactRepository<Summary>>
