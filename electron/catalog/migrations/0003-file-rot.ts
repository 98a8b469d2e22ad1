import type { Migration } from './migration.ts'

export const fileRot: Migration = {
  id: 3,
  up: (db) =>
    db.exec(`
      -- Whether a report is still of use is asked for every place that goes: not by looking at all the others.
      CREATE INDEX place_report ON place (report_id);

      -- What was read the last time, where it is not what was hashed first under this size and date. NULL: it is.
      ALTER TABLE file_hash ADD COLUMN found_sha256 TEXT;
      -- one of its files holds other bytes than when it was hashed first, and its date is the same
      ALTER TABLE place ADD COLUMN rotted INTEGER NOT NULL DEFAULT 0;
    `),
}
