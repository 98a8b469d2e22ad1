import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BenchmarkResult, BenchmarkTest, MemoryFigures } from '../../shared/contract/benchmarkResults.ts'
import { BenchmarkId } from '../../shared/contract/benchmarkSettings.ts'
import type { LoadOptions } from '../../shared/contract/models.ts'
import type { StoredBenchmark } from '../benchmark/runner.ts'
import { type BenchmarkRepository, createBenchmarkRepository } from './benchmarkRepository.ts'
import { migrate, migrations } from './migrate.ts'

let db: Database.Database
let runs: BenchmarkRepository

const id = (text: string) => BenchmarkId.parse(text)

const run = (name: string, change: Partial<StoredBenchmark> = {}): StoredBenchmark => ({
  benchmark: id(name),
  job: null,
  kind: 'engine',
  model: 'embedded/m',
  provider: 'embedded',
  preset: 'quick',
  label: null,
  source: 'berth',
  state: 'queued',
  error: null,
  settings: null,
  options: { contextLength: 4096 },
  record: null,
  disturbances: [],
  createdAt: 1,
  startedAt: null,
  endedAt: null,
  budgetSeconds: 30,
  acceptedUsd: null,
  ...change,
})

const record = (contentHash: string | null, version = '1'): StoredBenchmark['record'] => ({
  model: {
    name: 'M',
    contentHash,
    architecture: 'llama',
    parameterCount: 8e9,
    quantization: 'Q4_K_M',
    format: 'GGUF',
    sizeBytes: 5e9,
  },
  provider: { kind: 'embedded', name: 'Embedded', version, host: null },
  berthVersion: '1.0.0',
  os: 'Linux',
  cpu: 'A CPU',
  devices: [],
  power: { mode: null, onBattery: null },
  backend: null,
  clientErrorMs: null,
})

const memory = (bytes: number | null): MemoryFigures[] => [
  { device: 'ram', name: 'Memory', beforeBytes: 1, peakBytes: 9e9, afterBytes: 1, processPeakBytes: bytes },
]

const result = (
  position: number,
  test: BenchmarkTest,
  mean: number,
  { bytes = null, options = {}, at = 5 }: { bytes?: number | null; options?: LoadOptions; at?: number } = {},
): BenchmarkResult => ({
  position,
  test,
  unit: test.type === 'load' ? 'ms' : test.type === 'embedding' ? 'texts/s' : 'tokens/s',
  options,
  statistics: { count: 1, mean, median: mean, min: mean, max: mean, standardDeviation: null, interval: null },
  serving: null,
  embedding: null,
  tokensPerJoule: null,
  memory: memory(bytes),
  notes: [],
  measuredAt: at,
})

const generation = (depth: number): BenchmarkTest => ({ type: 'generation', generatedTokens: 128, depth })
const prompt = (promptTokens: number): BenchmarkTest => ({ type: 'prompt', promptTokens, depth: 0 })

const figures = (ttftMs: number, tpotMs: number): NonNullable<BenchmarkResult['serving']> => {
  const of = (p50: number) => ({ count: 1, mean: p50, p50, p90: p50, p95: p50, p99: p50, max: p50 })
  return {
    requests: 1,
    succeeded: 1,
    errors: {},
    durationSeconds: 1,
    ttftMs: of(ttftMs),
    itlMs: of(1),
    tpotMs: of(tpotMs),
    e2eMs: of(1),
    lateMs: of(1),
    requestsPerSecond: 1,
    inputTokensPerSecond: null,
    outputTokensPerSecond: null,
    tokenCount: 'server',
    goodput: null,
    costUsd: null,
  }
}
const serving = (position: number, by: 'concurrency' | 'rate', load: number, throughput: number, ttftMs: number) => ({
  ...result(
    position,
    {
      type: 'serving',
      load: by === 'rate' ? { by, requestsPerSecond: load } : { by, level: load },
      promptTokens: 512,
      outputTokens: 64,
      search: false,
    },
    throughput,
  ),
  serving: figures(ttftMs, 20),
})

const bytes = (text: string) => new TextEncoder().encode(text)
const add = (name: string, ...results: BenchmarkResult[]) => {
  for (const one of results) runs.addResult(id(name), one, bytes(String(one.position)))
}

beforeEach(() => {
  db = new Database(':memory:')
  db.pragma('foreign_keys = ON')
  migrate(db, migrations, () => {})
  runs = createBenchmarkRepository(db)
})

describe('a benchmark run', () => {
  it('comes back as it was saved, and again after each change', () => {
    runs.save(run('a'))
    expect(runs.stored(id('a'))).toEqual(run('a'))
    const ended = run('a', {
      state: 'done',
      record: record('sha256:x'),
      disturbances: [{ kind: 'heat', text: 'Hot.', at: 2 }],
      startedAt: 2,
      endedAt: 3,
      label: 'mine',
    })
    runs.save(ended)
    expect(runs.stored(id('a'))).toEqual(ended)
    const { budgetSeconds, acceptedUsd, ...shown } = ended
    expect(runs.find(id('a'))).toMatchObject(shown)
    expect(runs.stored(id('b'))).toBeNull()
    expect(runs.find(id('b'))).toBeNull()
  })

  it('is listed newest first, of one model and of one kind', () => {
    runs.save(run('a', { createdAt: 1 }))
    runs.save(run('b', { createdAt: 2, kind: 'serving' }))
    runs.save(run('c', { createdAt: 2, model: 'embedded/other', kind: 'serving' }))
    const names = (filter: Parameters<BenchmarkRepository['list']>[0]) => runs.list(filter).map((one) => one.benchmark)
    expect(names({ limit: 9 })).toEqual(['c', 'b', 'a'])
    expect(names({ limit: 2 })).toEqual(['c', 'b'])
    expect(names({ limit: 2, offset: 1 })).toEqual(['b', 'a'])
    expect(names({ model: 'embedded/m', limit: 9 })).toEqual(['b', 'a'])
    expect(names({ kind: 'serving', limit: 9 })).toEqual(['c', 'b'])
    expect(names({ kind: 'serving', model: 'embedded/m', limit: 9 })).toEqual(['b'])
  })

  it('is unfinished while it is queued or running, oldest first', () => {
    runs.save(run('new', { createdAt: 3 }))
    runs.save(run('old', { createdAt: 1, state: 'running' }))
    runs.save(run('done', { createdAt: 2, state: 'done' }))
    expect(runs.unfinished().map((one) => one.benchmark)).toEqual(['old', 'new'])
  })

  it('shows the figures of its results: the first speeds, TTFT at the lowest load, the highest throughput and memory', () => {
    runs.save(run('a'))
    expect(runs.find(id('a'))?.headline).toEqual({
      results: 0,
      promptTokensPerSecond: null,
      tokensPerSecond: null,
      ttftMs: null,
      textsPerSecond: null,
      throughput: null,
      peakBytes: null,
    })
    add(
      'a',
      result(3, generation(4096), 20, { bytes: 7e9 }),
      result(2, generation(0), 30, { bytes: 6e9 }),
      result(0, prompt(512), 900),
      result(1, prompt(4096), 800),
      serving(4, 'rate', 0.5, 90, 100),
      serving(5, 'concurrency', 8, 200, 300),
      serving(6, 'concurrency', 2, 60, 50),
      result(7, { type: 'embedding', batchSize: 1, textTokens: 64 }, 12),
    )
    expect(runs.find(id('a'))?.headline).toEqual({
      results: 8,
      promptTokensPerSecond: 900,
      tokensPerSecond: 30,
      ttftMs: 50,
      textsPerSecond: 12,
      throughput: 200,
      peakBytes: 7e9,
    })
    runs.save(run('a', { state: 'done' }))
    expect(runs.list({ limit: 1 })[0]?.headline.results).toBe(8)
  })

  it('whose text is damaged is shown as failed, and hides no other', () => {
    runs.save(run('a'))
    runs.save(run('b'))
    add('b', result(0, prompt(1), 1), result(1, prompt(2), 1))
    db.exec(`UPDATE benchmark SET body = '{"job":' WHERE id = 'a'`)
    db.exec(`UPDATE benchmark_result SET body = 'x' WHERE position = 0`)
    expect(runs.list({ limit: 9 }).map(({ benchmark, state }) => [benchmark, state])).toEqual([
      ['b', 'queued'],
      ['a', 'failed'],
    ])
    expect(runs.find(id('a'))?.error?.advice).toContain('Remove')
    expect(runs.unfinished().map((one) => one.benchmark)).toEqual(['b'])
    expect(runs.results(id('b')).map(({ position }) => position)).toEqual([1])
  })
})

describe('results and samples', () => {
  it('come back by position as they were added, and none is ever overwritten', () => {
    runs.save(run('a'))
    const [second, first] = [result(1, prompt(2), 1), result(0, prompt(1), 1)]
    add('a', second, first)
    expect(runs.results(id('a'))).toEqual([first, second])
    expect(Buffer.from(runs.samples(id('a'), 1) ?? []).toString()).toBe('1')
    expect(runs.samples(id('a'), 2)).toBeNull()
    expect(() => runs.addResult(id('a'), result(1, prompt(9), 9), bytes('other'))).toThrow('UNIQUE')
    expect(runs.results(id('a'))).toEqual([first, second])
    expect(Buffer.from(runs.samples(id('a'), 1) ?? []).toString()).toBe('1')
  })

  it('of a run that is not there are refused', () => {
    expect(() => add('none', result(0, prompt(1), 1))).toThrow('There is no benchmark none')
  })

  it('are inserted with a finished run, all or nothing', () => {
    const added = { result: result(0, prompt(1), 4), samples: bytes('s') }
    expect(() => runs.insert(run('a', { state: 'done' }), [added, added])).toThrow('UNIQUE')
    expect(runs.find(id('a'))).toBeNull()
    runs.insert(run('a', { state: 'done' }), [added])
    expect(runs.find(id('a'))?.headline).toMatchObject({ results: 1, promptTokensPerSecond: 4 })
  })

  it('go with their run', () => {
    runs.save(run('a'))
    runs.save(run('b'))
    add('a', result(0, prompt(1), 1))
    add('b', result(0, prompt(1), 1))
    runs.remove([id('a'), id('unknown')])
    expect(runs.list({ limit: 9 }).map((one) => one.benchmark)).toEqual(['b'])
    const left = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
    expect([left('benchmark_result'), left('benchmark_sample')]).toEqual([1, 1])
  })
})

describe('the history of a model', () => {
  it('has the runs of its id and of the same bytes under other ids, oldest first, and the newest where they are many', () => {
    runs.save(run('a', { createdAt: 1, record: record('sha256:x') }))
    runs.save(run('b', { createdAt: 2, model: 'llama-server/m', record: record('sha256:x') }))
    runs.save(run('c', { createdAt: 3, model: 'llama-server/n', record: record('sha256:y') }))
    runs.save(run('d', { createdAt: 4, model: 'llama-server/o' }))
    runs.save(run('e', { createdAt: 5 }))
    const names = (model: string, limit = 9) => runs.ofModel(model, limit).map((one) => one.benchmark)
    expect(names('embedded/m')).toEqual(['a', 'b', 'e'])
    expect(names('embedded/m', 2)).toEqual(['b', 'e'])
    expect(names('llama-server/o')).toEqual(['d'])
  })
})

describe('the fastest', () => {
  const asked = (memoryBytes: number | null, contextLength: number | null) =>
    runs
      .fastest({ memoryBytes, contextLength, limit: 99 })
      .map(({ model, tokensPerSecond, depth }) => [model, tokensPerSecond, depth])

  it('is the newest measurement of a model with the same options, at the depth that is nearest', () => {
    runs.save(run('a', { record: record('sha256:x') }))
    runs.save(run('b', { createdAt: 2 }))
    const options = { contextLength: 16384, keepAlive: 60 }
    add('a', result(0, generation(0), 50, { options }), result(1, generation(8192), 40, { options }))
    add('b', result(0, generation(8192), 35, { options: { ...options, keepAlive: 90 }, at: 6 }))
    expect(asked(null, null)).toEqual([['embedded/m', 50, 0]])
    expect(asked(null, 16384)).toEqual([['embedded/m', 35, 8192]])
    expect(asked(null, 4000)).toEqual([['embedded/m', 50, 0]])
    expect(runs.fastest({ memoryBytes: null, contextLength: null, limit: 1 })).toEqual([
      {
        model: 'embedded/m',
        benchmark: 'a',
        position: 0,
        tokensPerSecond: 50,
        depth: 0,
        contextLength: 16384,
        peakBytes: null,
        options: { contextLength: 16384 },
        quantization: 'Q4_K_M',
        parameterCount: 8e9,
      },
    ])
  })

  it('tells each set of options on its own, fastest first, without what took more memory at that very context', () => {
    runs.save(run('a'))
    runs.save(run('b', { model: 'embedded/n' }))
    add(
      'a',
      result(0, generation(0), 50, { options: { contextLength: 8192, threads: 4 }, bytes: 9e9 }),
      result(1, generation(0), 45, { options: { threads: 8, contextLength: 8192 }, bytes: 7e9 }),
      result(2, generation(0), 44, { options: { contextLength: 16384 }, bytes: 9e9 }),
    )
    add('b', result(0, generation(0), 48, { options: { contextLength: 4096 } }))
    expect(asked(8e9, 8192)).toEqual([
      ['embedded/n', 48, 0],
      ['embedded/m', 45, 0],
      ['embedded/m', 44, 0],
    ])
    expect(asked(8e9, null).map(([, speed]) => speed)).toEqual([48, 45])
    expect(asked(null, 8192).map(([, speed]) => speed)).toEqual([50, 48, 45, 44])
  })

  it('counts an answer of a server to one request at a time, and nothing that came from a file of others', () => {
    runs.save(run('a'))
    runs.save(run('b', { model: 'other/m', source: 'llama-bench' }))
    add('a', serving(0, 'concurrency', 1, 45, 100), serving(1, 'concurrency', 8, 200, 100))
    add('b', result(0, generation(0), 500))
    runs.save(run('c', { model: 'pieces/m' }))
    const pieces = serving(0, 'concurrency', 1, 45, 100)
    add('c', { ...pieces, serving: { ...pieces.serving, tokenCount: 'approximate' } })
    expect(asked(null, null)).toEqual([['embedded/m', 50, 512]])
  })
})
