import type { Migration } from './migration.ts'

/** Times are Unix milliseconds. Keys of providers are not in the catalog: see electron/secrets. */
export const providers: Migration = {
  id: 3,
  up: (db) =>
    db.exec(`
      CREATE TABLE provider (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        address TEXT NOT NULL,
        key_variable TEXT,               -- the environment variable that holds its key; NULL: none
        key_origin TEXT,                 -- the only origin that variable's value may go to
        hide_paid INTEGER NOT NULL,
        enabled INTEGER NOT NULL,
        added_at INTEGER NOT NULL
      ) STRICT;

      -- Answers given through Berth, by UTC day (yyyy-mm-dd).
      CREATE TABLE provider_usage (
        provider TEXT NOT NULL,
        day TEXT NOT NULL,
        requests INTEGER NOT NULL,
        faults INTEGER NOT NULL,
        prompt_tokens INTEGER NOT NULL,
        completion_tokens INTEGER NOT NULL,
        cost_usd REAL,                   -- NULL: never told
        PRIMARY KEY (provider, day)
      ) STRICT, WITHOUT ROWID;

      -- Ollama was connected without being asked. Who settled something about it keeps it.
      INSERT INTO provider (id, kind, name, address, hide_paid, enabled, added_at)
      SELECT 'ollama', 'ollama', 'Ollama', coalesce(value ->> '$.ollama.address', 'http://127.0.0.1:11434'), 0,
        value ->> '$.ollama.enabled', unixepoch() * 1000
      FROM setting WHERE key = 'settings' AND json_type(value, '$.ollama.enabled') IN ('true', 'false');
    `),
}
