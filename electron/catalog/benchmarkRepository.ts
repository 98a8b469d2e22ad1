import type { BenchmarkResult } from '../../shared/contract/benchmarkResults.ts'
import type { BenchmarkId, BenchmarkKind } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark } from '../../shared/contract/benchmarks.ts'
import type { StoredBenchmark } from '../benchmark/runner.ts'
import { importQuestions } from './benchmarkImports.ts'
import { type BenchmarkRow, benchmarkOf, bodyOf, parsed, resultColumns, storedOf } from './benchmarkRow.ts'
import { type SpeedQuery, speedQuestion } from './benchmarkSpeed.ts'
import type { CatalogDatabase } from './database.ts'

/** A result with its raw samples: JSON, gzip, made off the main thread. */
export interface NewStoredResult {
  readonly result: BenchmarkResult
  readonly samples: Uint8Array
}

interface Filter {
  readonly model?: string | undefined
  readonly kind?: BenchmarkKind | undefined
  /** at most so many */
  readonly limit: number
  /** how many of the newest to leave out */
  readonly offset?: number | undefined
}

const columns = `id, kind, model, provider, source, state, created_at AS createdAt, started_at AS startedAt, ended_at AS endedAt,
  body, results, prompt_speed AS promptSpeed, speed, ttft_ms AS ttftMs, texts_per_second AS textsPerSecond, throughput,
  peak_bytes AS peakBytes`

const newestFirst = 'ORDER BY created_at DESC, number DESC LIMIT ? OFFSET ?'

const prepareReads = (db: CatalogDatabase) => ({
  one: db.prepare<[string], BenchmarkRow>(`SELECT ${columns} FROM benchmark WHERE id = ?`),
  newest: db.prepare<[number, number], BenchmarkRow>(`SELECT ${columns} FROM benchmark ${newestFirst}`),
  ofKind: db.prepare<[string, number, number], BenchmarkRow>(
    `SELECT ${columns} FROM benchmark INDEXED BY benchmark_kind WHERE kind = ? ${newestFirst}`,
  ),
  ofModel: db.prepare<[string, number, number], BenchmarkRow>(
    `SELECT ${columns} FROM benchmark INDEXED BY benchmark_model WHERE model = ? ${newestFirst}`,
  ),
  ofModelAndKind: db.prepare<[string, string, number, number], BenchmarkRow>(
    `SELECT ${columns} FROM benchmark INDEXED BY benchmark_model WHERE model = ? AND kind = ? ${newestFirst}`,
  ),
  unfinished: db.prepare<[], BenchmarkRow>(
    `SELECT ${columns} FROM benchmark WHERE state IN ('queued', 'running') ORDER BY created_at, number`,
  ),
  ofContent: db.prepare<{ model: string; limit: number }, BenchmarkRow>(
    `SELECT ${columns} FROM benchmark WHERE model = @model OR content_hash IN
       (SELECT content_hash FROM benchmark WHERE model = @model AND content_hash IS NOT NULL)
     ORDER BY created_at DESC, number DESC LIMIT @limit`,
  ),
  results: db
    .prepare<[string], string>(
      `SELECT result.body FROM benchmark_result AS result JOIN benchmark ON benchmark.number = result.run
       WHERE benchmark.id = ? ORDER BY result.position`,
    )
    .pluck(),
  samples: db
    .prepare<[string, number], Uint8Array>(
      `SELECT sample.body FROM benchmark JOIN benchmark_result AS result ON result.run = benchmark.number
       JOIN benchmark_sample AS sample ON sample.result = result.number
       WHERE benchmark.id = ? AND result.position = ?`,
    )
    .pluck(),
})

const prepareWrites = (db: CatalogDatabase) => ({
  upsert: db.prepare(`
    INSERT INTO benchmark (id, kind, model, provider, source, state, content_hash, provider_version, created_at, started_at,
      ended_at, body)
    VALUES (@benchmark, @kind, @model, @provider, @source, @state, @contentHash, @providerVersion, @createdAt, @startedAt,
      @endedAt, @body)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, content_hash = excluded.content_hash,
      provider_version = excluded.provider_version, started_at = excluded.started_at, ended_at = excluded.ended_at,
      body = excluded.body`),
  key: db.prepare<[string], { number: number; model: string; source: Benchmark['source'] }>(
    'SELECT number, model, source FROM benchmark WHERE id = ?',
  ),
  result: db.prepare(`
    INSERT INTO benchmark_result (run, position, test_type, value, load_by, load, ttft_ms, model, options, context_length, depth,
      generation_speed, peak_bytes, measured_at, body)
    VALUES (@run, @position, @testType, @value, @loadBy, @load, @ttftMs, @model, @options, @contextLength, @depth,
      @generationSpeed, @peakBytes, @measuredAt, @body)`),
  samples: db.prepare<[number | bigint, Uint8Array]>('INSERT INTO benchmark_sample (result, body) VALUES (?, ?)'),
  headline: db.prepare<{ run: number }>(`
    UPDATE benchmark SET (results, peak_bytes, throughput) =
        (SELECT count(*), max(peak_bytes), max(value) FILTER (WHERE test_type = 'serving')
         FROM benchmark_result WHERE run = @run),
      prompt_speed = ${firstOf('prompt')}, speed = ${firstOf('generation')}, texts_per_second = ${firstOf('embedding')},
      ttft_ms = (SELECT ttft_ms FROM benchmark_result WHERE run = @run AND ttft_ms IS NOT NULL
        ORDER BY load_by = 'rate', load, position LIMIT 1)
    WHERE number = @run`),
  remove: db.prepare<[string]>('DELETE FROM benchmark WHERE id = ?'),
})

function firstOf(type: BenchmarkResult['test']['type']): string {
  return `(SELECT value FROM benchmark_result WHERE run = @run AND test_type = '${type}' ORDER BY position LIMIT 1)`
}

/** Benchmark runs, their results and raw samples. What was measured is written once and never changed. */
export const createBenchmarkRepository = (db: CatalogDatabase) => {
  const read = prepareReads(db)
  const write = prepareWrites(db)
  const speeds = speedQuestion(db)

  const save = (run: StoredBenchmark): void =>
    void write.upsert.run({
      benchmark: run.benchmark,
      kind: run.kind,
      model: run.model,
      provider: run.provider,
      source: run.source,
      state: run.state,
      contentHash: run.record?.model.contentHash ?? null,
      providerVersion: run.record?.provider.version ?? null,
      createdAt: run.createdAt,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      body: bodyOf(run),
    })

  const add = (id: BenchmarkId, added: readonly NewStoredResult[]): void => {
    const run = write.key.get(id)
    if (!run) throw new Error(`There is no benchmark ${id} to add a result to.`)
    for (const { result, samples } of added) {
      const written = write.result.run({ run: run.number, model: run.model, ...resultColumns(result, run.source) })
      write.samples.run(written.lastInsertRowid, samples)
    }
    write.headline.run({ run: run.number })
  }

  const listed = ({ model, kind, limit, offset = 0 }: Filter): BenchmarkRow[] => {
    if (model !== undefined && kind !== undefined) return read.ofModelAndKind.all(model, kind, limit, offset)
    if (model !== undefined) return read.ofModel.all(model, limit, offset)
    return kind === undefined ? read.newest.all(limit, offset) : read.ofKind.all(kind, limit, offset)
  }

  return {
    /** Inserts a run, or updates what may change of it. Never touches its results. */
    save,

    /** A run that is finished, e.g. one that was imported, with its results; all or nothing. */
    insert: db.transaction((run: StoredBenchmark, results: readonly NewStoredResult[]): void => {
      save(run)
      add(run.benchmark, results)
    }).immediate,

    find: (id: BenchmarkId): Benchmark | null => {
      const row = read.one.get(id)
      return row ? benchmarkOf(row) : null
    },

    stored: (id: BenchmarkId): StoredBenchmark | null => {
      const row = read.one.get(id)
      return row ? storedOf(row) : null
    },

    /** Newest first. */
    list: (filter: Filter): Benchmark[] => listed(filter).map(benchmarkOf),

    /** Queued or running, oldest first. */
    unfinished: (): StoredBenchmark[] =>
      read.unfinished
        .all()
        .map(storedOf)
        .filter(({ state }) => state === 'queued' || state === 'running'),

    /** @throws when that position is taken: nothing is overwritten */
    addResult: db.transaction((id: BenchmarkId, result: BenchmarkResult, samples: Uint8Array): void =>
      add(id, [{ result, samples }]),
    ).immediate,

    /** By position. One that cannot be read any more is left out. */
    results: (id: BenchmarkId): BenchmarkResult[] =>
      read.results.all(id).flatMap((body) => parsed<BenchmarkResult>(body) ?? []),

    /** JSON, gzip. */
    samples: (id: BenchmarkId, position: number): Uint8Array | null => read.samples.get(id, position) ?? null,

    /** With their results and samples. Unknown ones are passed over. */
    remove: db.transaction((ids: readonly BenchmarkId[]): void => {
      for (const id of ids) write.remove.run(id)
    }).immediate,

    /**
     * The newest runs of a model, oldest first: under its id, and of the same bytes under other ids. Their results are read
     * run by run, so that a long history does not hold up the rest.
     */
    ofModel: (model: string, limit: number): Benchmark[] =>
      read.ofContent.all({ model, limit }).map(benchmarkOf).reverse(),

    imports: importQuestions(db),

    /** See `MeasuredSpeed`. */
    fastest: (query: SpeedQuery) => speeds(query),
  }
}

export type BenchmarkRepository = ReturnType<typeof createBenchmarkRepository>
