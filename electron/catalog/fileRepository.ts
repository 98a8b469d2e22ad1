import type { Verdict } from '../../shared/contract/checks.ts'
import type { FileKind, FileRow, KnownHash, LabelChange, Labels } from '../../shared/contract/files.ts'
import type { ModelRole } from '../../shared/contract/models.ts'
import type { CatalogDatabase } from './database.ts'

export interface PlaceFile {
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedAt: number
}

/** A model on a disk as it was found when it was validated; `path` is the file, the first shard or the folder. */
export interface Place extends Omit<FileRow, 'sha256' | 'matches' | 'labels'> {
  readonly files: readonly PlaceFile[]
  /** null: nothing of it could be read */
  readonly fingerprint: string | null
  readonly known: KnownHash | null
  /** which version of the checks said so */
  readonly rules: number
}

export interface StoredPlace extends Place {
  /** of the files of this place; null: not hashed since they changed */
  readonly sha256: string | null
  readonly hashedAt: number | null
  /** one of them holds other bytes than when it was hashed first, and its date is the same */
  readonly rotted: boolean
  readonly labels: Labels
}

/** What was hashed: the files of a place as they were then, and the hash of them all. */
export interface PlaceHash {
  readonly path: string
  readonly files: readonly PlaceFile[]
  readonly sha256: string
  readonly rotted: boolean
  /** Unix milliseconds */
  readonly at: number
}

export interface SavedReport {
  readonly place: Place
  /** as `report` gives it back */
  readonly report: Buffer
}

interface Row {
  path: string
  kind: FileKind
  files: string
  size_bytes: number
  modified_at: number
  label: string
  format: string | null
  role: ModelRole | null
  architecture: string | null
  parameter_count: number | null
  quantization: string | null
  context_length: number | null
  license: string | null
  verdict: Verdict
  issues: number
  worst_issue: string | null
  checked_at: number
  rules: number
  known: string | null
  sha256: string | null
  hashed_at: number | null
  rotted: number
  content_id: number | null
  fingerprint: string | null
  label_name: string | null
  label_notes: string | null
  label_rating: number | null
  label_favourite: number | null
  label_license: string | null
  label_url: string | null
  label_version: string | null
  label_tags: string | null
}

const noLabels: Labels = {
  name: null,
  tags: [],
  notes: null,
  rating: null,
  favourite: false,
  license: null,
  sourceUrl: null,
  versionLabel: null,
}

const labelsOf = (row: Row): Labels =>
  row.label_tags === null
    ? noLabels
    : {
        name: row.label_name,
        tags: JSON.parse(row.label_tags),
        notes: row.label_notes,
        rating: row.label_rating,
        favourite: row.label_favourite === 1,
        license: row.label_license,
        sourceUrl: row.label_url,
        versionLabel: row.label_version,
      }

const fromRow = (row: Row): StoredPlace => ({
  path: row.path,
  kind: row.kind,
  files: JSON.parse(row.files),
  sizeBytes: row.size_bytes,
  modifiedAt: row.modified_at,
  label: row.label,
  format: row.format,
  role: row.role,
  architecture: row.architecture,
  parameterCount: row.parameter_count,
  quantization: row.quantization,
  contextLength: row.context_length,
  license: row.license,
  verdict: row.verdict,
  issues: row.issues,
  worstIssue: row.worst_issue,
  checkedAt: row.checked_at,
  rules: row.rules,
  known: row.known === null ? null : JSON.parse(row.known),
  sha256: row.sha256,
  hashedAt: row.hashed_at,
  rotted: row.rotted === 1,
  fingerprint: row.fingerprint,
  labels: labelsOf(row),
})

const selectPlace = `
  SELECT place.*, content.fingerprint,
    label.name AS label_name, label.notes AS label_notes, label.rating AS label_rating, label.favourite AS label_favourite,
    label.license AS label_license, label.source_url AS label_url, label.version_label AS label_version,
    label.tags AS label_tags
  FROM place LEFT JOIN content ON content.id = place.content_id LEFT JOIN label ON label.content_id = place.content_id`

/** What is left out stays as it is; null clears. */
const given = <T>(value: T | undefined, old: T): T => (value === undefined ? old : value)

const changed = (labels: Labels, change: LabelChange): Labels => {
  const { tags = labels.tags, addTags = [], removeTags = [] } = change
  return {
    name: given(change.name, labels.name),
    tags: [...new Set([...tags, ...addTags])].filter((tag) => !removeTags.includes(tag)).sort(),
    notes: given(change.notes, labels.notes),
    rating: given(change.rating, labels.rating),
    favourite: given(change.favourite, labels.favourite),
    license: given(change.license, labels.license),
    sourceUrl: given(change.sourceUrl, labels.sourceUrl),
    versionLabel: given(change.versionLabel, labels.versionLabel),
  }
}

/** The models on the disks that were looked into, their reports, and what a person says of them. */
export const createFileRepository = (db: CatalogDatabase) => {
  const pageAfter = db.prepare<[string, number], Row>(`${selectPlace} WHERE place.path > ? ORDER BY place.path LIMIT ?`)
  const byPath = db.prepare<[string], Row>(`${selectPlace} WHERE place.path = ?`)
  const pathsOf = db.prepare<[number], string>('SELECT path FROM place WHERE content_id = ?').pluck()
  const contents = db.prepare<[string, number], { id: number; sha256: string | null }>(
    'SELECT id, sha256 FROM content WHERE fingerprint = ? AND size_bytes = ? ORDER BY id',
  )
  const addContent = db.prepare<[string, number, string | null]>(
    'INSERT INTO content (fingerprint, size_bytes, sha256) VALUES (?, ?, ?)',
  )
  const setContentHash = db.prepare<[string, number]>('UPDATE content SET sha256 = ? WHERE id = ?')
  const contentHash = db.prepare<[number], string | null>('SELECT sha256 FROM content WHERE id = ?').pluck()
  const moveToContent = db.prepare<[number, string]>('UPDATE place SET content_id = ? WHERE path = ?')
  const copyLabels = db.prepare<[number, number]>(`
    INSERT OR IGNORE INTO label SELECT ?, name, notes, rating, favourite, license, source_url, version_label, tags
    FROM label WHERE content_id = ?`)
  const setReport = db.prepare<[string, Buffer]>(
    'INSERT INTO report (path, body) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET body = excluded.body',
  )
  const reportOf = db.prepare<[string], Buffer>('SELECT body FROM report WHERE path = ?').pluck()
  const pathOfContent = db
    .prepare<[string, string], string>(`
      SELECT place.path FROM content JOIN place ON place.content_id = content.id
      WHERE content.sha256 = ? OR content.fingerprint = ? ORDER BY place.checked_at DESC LIMIT 1`)
    .pluck()
  const upsert = db.prepare(`
    INSERT INTO place (path, content_id, kind, files, size_bytes, modified_at, label, format, role, architecture,
      parameter_count, quantization, context_length, license, verdict, issues, worst_issue, checked_at, rules, known, sha256, hashed_at, rotted)
    VALUES (@path, @contentId, @kind, @files, @sizeBytes, @modifiedAt, @label, @format, @role, @architecture,
      @parameterCount, @quantization, @contextLength, @license, @verdict, @issues, @worstIssue, @checkedAt, @rules, @known, @sha256,
      @hashedAt, @rotted)
    ON CONFLICT (path) DO UPDATE SET content_id = excluded.content_id, kind = excluded.kind,
      files = excluded.files, size_bytes = excluded.size_bytes, modified_at = excluded.modified_at, label = excluded.label,
      format = excluded.format, role = excluded.role, architecture = excluded.architecture,
      parameter_count = excluded.parameter_count, quantization = excluded.quantization,
      context_length = excluded.context_length, license = excluded.license, verdict = excluded.verdict,
      issues = excluded.issues, worst_issue = excluded.worst_issue, checked_at = excluded.checked_at, rules = excluded.rules, known = excluded.known,
      sha256 = excluded.sha256, hashed_at = excluded.hashed_at, rotted = excluded.rotted`)
  const setHash = db.prepare<[string, number, number, string]>(
    'UPDATE place SET sha256 = ?, hashed_at = ?, rotted = ? WHERE path = ?',
  )
  const setLabels = db.prepare(`
    INSERT INTO label (content_id, name, notes, rating, favourite, license, source_url, version_label, tags)
    VALUES (@contentId, @name, @notes, @rating, @favourite, @license, @sourceUrl, @versionLabel, @tags)
    ON CONFLICT (content_id) DO UPDATE SET name = excluded.name, notes = excluded.notes, rating = excluded.rating,
      favourite = excluded.favourite, license = excluded.license, source_url = excluded.source_url,
      version_label = excluded.version_label, tags = excluded.tags`)
  const removePlace = db.prepare<[string]>('DELETE FROM place WHERE path = ?')

  const one = (path: string): StoredPlace | null => {
    const row = byPath.get(path)
    return row ? fromRow(row) : null
  }

  /** Of several contents with one fingerprint the first is taken until a full hash says otherwise. */
  const contentFor = ({ fingerprint, sizeBytes }: Place, sha256: string | null): number | null => {
    if (fingerprint === null) return null
    const candidates = contents.all(fingerprint, sizeBytes)
    const found = candidates.find((content) => sha256 !== null && content.sha256 === sha256) ?? candidates[0]
    return found?.id ?? Number(addContent.run(fingerprint, sizeBytes, sha256).lastInsertRowid)
  }

  const saveOne = ({ place, report }: SavedReport): void => {
    const old = byPath.get(place.path)
    const files = JSON.stringify(place.files)
    const isSame = old !== undefined && old.files === files && old.fingerprint === place.fingerprint
    const { sha256, hashed_at: hashedAt, rotted } = isSame ? old : { sha256: null, hashed_at: null, rotted: 0 }
    const contentId = isSame ? old.content_id : contentFor(place, sha256)
    const { fingerprint: _, known, ...row } = place
    upsert.run({ ...row, files, contentId, known: known && JSON.stringify(known), sha256, hashedAt, rotted })
    setReport.run(place.path, report)
  }

  const setOneHash = ({ path, files, sha256, rotted, at }: PlaceHash): boolean => {
    const row = byPath.get(path)
    if (!row || row.content_id === null || row.files !== JSON.stringify(files)) return false
    setHash.run(sha256, at, rotted ? 1 : 0, path)
    const known = contentHash.get(row.content_id) ?? null
    if (known === null) setContentHash.run(sha256, row.content_id)
    else if (known !== sha256) {
      const twin = contents.all(row.fingerprint ?? '', row.size_bytes).find((content) => content.sha256 === sha256)
      const id = twin?.id ?? Number(addContent.run(row.fingerprint ?? '', row.size_bytes, sha256).lastInsertRowid)
      moveToContent.run(id, path)
      copyLabels.run(id, row.content_id)
    }
    return true
  }

  return {
    /** In the order of their paths, from behind `after`. */
    page: (after: string, limit: number): StoredPlace[] => pageAfter.all(after, limit).map(fromRow),

    find: one,

    /** A place whose files did not change keeps its hash. */
    save: db.transaction((entries: readonly SavedReport[]): readonly StoredPlace[] => {
      for (const entry of entries) saveOne(entry)
      return entries.flatMap(({ place }) => one(place.path) ?? [])
    }).immediate,

    report: (path: string): Buffer | null => reportOf.get(path) ?? null,

    /** Where bytes lie that have this SHA-256 or fingerprint, the place that was looked at last. */
    placeOf: (hash: string): string | null => pathOfContent.get(hash, hash) ?? null,

    /**
     * The full hashes of places, those left out that are gone or whose files are others by now. Bytes that only share a
     * fingerprint with others become a content of their own, which takes their labels along.
     */
    setHashes: db.transaction((hashes: readonly PlaceHash[]): readonly StoredPlace[] =>
      hashes.flatMap((hash) => (setOneHash(hash) ? (one(hash.path) ?? []) : [])),
    ).immediate,

    /** All places that hold the same contents, changed. Places of unread files have nothing to keep labels by. */
    label: db.transaction((paths: readonly string[], change: LabelChange): readonly StoredPlace[] => {
      const touched = new Set<string>()
      const done = new Set<number>()
      for (const path of paths) {
        const row = byPath.get(path)
        if (!row || row.content_id === null || done.has(row.content_id)) continue
        done.add(row.content_id)
        const { tags, favourite, ...labels } = changed(labelsOf(row), change)
        setLabels.run({
          ...labels,
          contentId: row.content_id,
          favourite: favourite ? 1 : 0,
          tags: JSON.stringify(tags),
        })
        for (const other of pathsOf.all(row.content_id)) touched.add(other)
      }
      return [...touched].flatMap((path) => one(path) ?? [])
    }).immediate,

    /** Contents and their labels stay: the same bytes are known again wherever they turn up. */
    remove: db.transaction((paths: readonly string[]): void => {
      for (const path of paths) removePlace.run(path)
    }).immediate,
  }
}

export type FileRepository = ReturnType<typeof createFileRepository>
