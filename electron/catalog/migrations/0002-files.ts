import type { Migration } from './migration.ts'

/** Times are Unix milliseconds, sizes bytes. NULL: unknown. */
export const files: Migration = {
  id: 2,
  up: (db) =>
    db.exec(`
      -- Bytes, wherever they lie. A fingerprint may be shared by different bytes: then their hashes tell them apart.
      CREATE TABLE content (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        sha256 TEXT
      ) STRICT;
      CREATE INDEX content_fingerprint ON content (fingerprint, size_bytes);

      CREATE TABLE report (
        id INTEGER PRIMARY KEY,
        content_id INTEGER REFERENCES content (id) ON DELETE CASCADE, -- NULL: nothing of it could be read
        file_name TEXT NOT NULL,         -- what is wrong with a name is part of the report
        body BLOB NOT NULL               -- JSON, raw deflate
      ) STRICT;
      CREATE UNIQUE INDEX report_of ON report (content_id, file_name);

      -- Where a model lies, and what a list shows of it.
      CREATE TABLE place (
        path TEXT PRIMARY KEY,           -- of the file, the first shard or the folder
        content_id INTEGER REFERENCES content (id),
        report_id INTEGER NOT NULL REFERENCES report (id),
        kind TEXT NOT NULL,
        files TEXT NOT NULL,             -- JSON: [{ path, sizeBytes, modifiedAt }] as they were then
        size_bytes INTEGER NOT NULL,
        modified_at INTEGER NOT NULL,
        label TEXT NOT NULL,
        format TEXT, role TEXT, architecture TEXT, parameter_count REAL, quantization TEXT, context_length INTEGER,
        license TEXT,
        verdict TEXT NOT NULL,
        issues INTEGER NOT NULL,
        worst_issue TEXT,
        checked_at INTEGER NOT NULL,
        rules INTEGER NOT NULL,          -- which version of the checks said so
        known TEXT,                      -- JSON: the hash that a store or side file gives
        sha256 TEXT,                     -- of the files of this place
        hashed_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX place_content ON place (content_id);

      -- Full hashes of single files, valid for this size and date only.
      CREATE TABLE file_hash (
        path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, modified_at INTEGER NOT NULL, sha256 TEXT NOT NULL,
        hashed_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE label (
        content_id INTEGER PRIMARY KEY REFERENCES content (id),
        name TEXT, notes TEXT, rating INTEGER, favourite INTEGER NOT NULL, license TEXT, source_url TEXT,
        version_label TEXT,
        tags TEXT NOT NULL               -- JSON: [text], sorted
      ) STRICT;

      -- What a reader finds has another shape now: the next scan reads every file again. Keys stay.
      UPDATE artifact SET modified_at = 0, files = (
        SELECT json_group_array(json_set(value, '$.modifiedAt', 0)) FROM json_each(artifact.files)
      );
    `),
}
