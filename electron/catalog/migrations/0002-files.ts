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
      CREATE INDEX content_sha256 ON content (sha256);

      -- Where a model lies, and what a list shows of it.
      CREATE TABLE place (
        path TEXT PRIMARY KEY,           -- of the file, the first shard or the folder
        content_id INTEGER REFERENCES content (id),
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
        hashed_at INTEGER,
        rotted INTEGER NOT NULL          -- 1: a file holds other bytes than when it was hashed first, under the same date
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX place_content ON place (content_id);

      -- The last report of each place: what lies beside a file is part of it. Its content is that of the place.
      CREATE TABLE report (
        path TEXT PRIMARY KEY REFERENCES place (path) ON DELETE CASCADE,
        body BLOB NOT NULL               -- JSON, raw deflate
      ) STRICT;

      -- Full hashes of single files, valid for this size and date only.
      CREATE TABLE file_hash (
        path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, modified_at INTEGER NOT NULL, sha256 TEXT NOT NULL,
        hashed_at INTEGER NOT NULL,
        found_sha256 TEXT                -- what was read the last time, where it is not the first; NULL: it is
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
