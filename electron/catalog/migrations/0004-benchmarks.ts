import type { Migration } from './migration.ts'

/** Times are Unix milliseconds, sizes bytes. NULL: unknown, or not measured. */
export const benchmarks: Migration = {
  id: 4,
  up: (db) =>
    db.exec(`
      CREATE TABLE benchmark (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        model TEXT NOT NULL,
        provider TEXT NOT NULL,
        source TEXT NOT NULL,
        state TEXT NOT NULL,
        content_hash TEXT,               -- of the weights, as the record says
        provider_version TEXT,
        created_at INTEGER NOT NULL,
        started_at INTEGER,
        ended_at INTEGER,
        body TEXT NOT NULL,              -- JSON: everything else that is known of the run
        -- what a list shows of its results; written with each of them
        results INTEGER NOT NULL DEFAULT 0,
        prompt_speed REAL, speed REAL, ttft_ms REAL, texts_per_second REAL, throughput REAL, peak_bytes INTEGER
      ) STRICT;
      CREATE INDEX benchmark_newest ON benchmark (created_at);
      CREATE INDEX benchmark_model ON benchmark (model, created_at);
      CREATE INDEX benchmark_kind ON benchmark (kind, created_at);
      CREATE INDEX benchmark_content ON benchmark (content_hash) WHERE content_hash IS NOT NULL;
      CREATE INDEX benchmark_unfinished ON benchmark (created_at) WHERE state IN ('queued', 'running');

      -- Written once and never changed.
      CREATE TABLE benchmark_result (
        number INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES benchmark (number) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        test_type TEXT NOT NULL,
        value REAL,                      -- the mean, in the unit of its test
        load_by TEXT, load REAL, ttft_ms REAL, -- of a serving test: how many requests, and their median
        model TEXT NOT NULL,
        options TEXT NOT NULL,           -- JSON, keys sorted, without what changes no figure
        context_length INTEGER,
        generation_speed REAL,           -- tokens/s of one answer on its own, measured by Berth
        depth INTEGER,                   -- tokens that were in the context then; NULL: nothing of the kind was measured
        peak_bytes INTEGER,              -- the most that the model itself took, all devices together
        measured_at INTEGER NOT NULL,
        body TEXT NOT NULL,              -- JSON: the whole result
        UNIQUE (run, position)
      ) STRICT;
      CREATE INDEX benchmark_result_speed ON benchmark_result (model, options, depth, measured_at)
        WHERE depth IS NOT NULL;

      CREATE TABLE benchmark_sample (
        result INTEGER PRIMARY KEY REFERENCES benchmark_result (number) ON DELETE CASCADE,
        body BLOB NOT NULL               -- JSON, gzip
      ) STRICT;
    `),
}
