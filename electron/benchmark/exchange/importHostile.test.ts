import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import { Benchmark, BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import { createRandom, mutationSeed } from '../../../test/support/mutation.ts'
import { createBenchmarkRepository } from '../../catalog/benchmarkRepository.ts'
import { migrate, migrations } from '../../catalog/migrate.ts'
import { AppError } from '../../lib/appError.ts'
import { exportBenchmarks } from './exportBenchmarks.ts'
import { type Imported, importBenchmarks } from './importBenchmarks.ts'
import { everyKindOfResult, samplesIn } from './testRuns.ts'

const rounds = Number(process.env.BERTH_FUZZ ?? 200)
const seed = Number(process.env.BERTH_SEED ?? 20_261_122)
const fixture = (name: string): string =>
  readFileSync(new URL(`../../../test/fixtures/benchmark/${name}`, import.meta.url), 'utf8')

const db = new Database(':memory:')
migrate(db, migrations, () => {})
const repository = createBenchmarkRepository(db)

/** Null when it was refused; anything but FILE_INVALID is thrown on. */
const tryImport = async (text: string): Promise<Imported | null> => {
  try {
    return await importBenchmarks(text, null, Date.UTC(2026, 11, 1))
  } catch (error) {
    if (error instanceof AppError && error.code === 'FILE_INVALID') return null
    throw error
  }
}

/** Whatever was taken can be stored, read, answered as the contract has it, and exported. */
const checkTaken = async ({ runs, skipped }: Imported): Promise<void> => {
  expect(runs.length).toBeGreaterThan(0)
  for (const text of skipped) expect(text.length).toBeLessThan(1000)
  for (const { benchmark, results } of runs) {
    repository.insert(
      benchmark,
      results.map(({ result, samples }) => ({ result, samples: Buffer.from(JSON.stringify(samples)) })),
    )
    const run = {
      benchmark: Benchmark.parse(repository.find(benchmark.benchmark)),
      results: repository.results(benchmark.benchmark),
    }
    expect(run.results).toHaveLength(results.length)
    for (const result of run.results) BenchmarkResult.parse(result)
    for (const { samples } of results) for (const sample of samples) BenchmarkSample.parse(sample)
    for (const format of ['json', 'csv', 'markdown'] as const) await exportBenchmarks(format, [run], async () => [])
    repository.remove([benchmark.benchmark])
  }
}

const names = Object.keys(JSON.parse(fixture('llama-bench.jsonl').split('\n')[0] ?? ''))
const anyRow = fc.dictionary(
  fc.constantFrom(...names, '__proto__', 'constructor', 'toString'),
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0, 1, 512, '512', -1, true, 'f16', 'b', 1e308, 5e-324, '1e999', null) },
    { weight: 2, arbitrary: fc.array(fc.oneof(fc.double(), fc.integer()), { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.anything({ maxDepth: 2 }) },
  ),
  { minKeys: 1, maxKeys: 60 },
)

const csvOf = (row: Readonly<Record<string, unknown>>): string =>
  `build_commit,${Object.keys(row).join()},avg_ts\n"x",${Object.values(row)
    .map((value) => JSON.stringify(value) ?? '')
    .join()},"7"\n`

it('rows of anything are taken whole or refused in words', async () => {
  let taken = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 4 }), async (rows) => {
      const filled = rows.map((row) => ({ n_prompt: 8, n_gen: 0, avg_ts: 7, ...row }))
      for (const text of [
        JSON.stringify(filled),
        filled.map((row) => JSON.stringify(row)).join('\n'),
        csvOf(filled[0] ?? {}),
      ]) {
        const imported = await tryImport(text)
        if (imported === null) continue
        taken += 1
        await checkTaken(imported)
      }
    }),
    { numRuns: rounds, seed },
  )
  expect(taken).toBeGreaterThan(rounds / 4)
}, 120_000)

it(`damaged files are taken in part or refused in words (seed ${mutationSeed})`, async () => {
  const random = createRandom(mutationSeed)
  const every = everyKindOfResult()
  const berth = (await exportBenchmarks('json', [every.run, every.run], samplesIn(every))).text
  const files = [fixture('llama-bench.json'), fixture('llama-bench.jsonl'), fixture('llama-bench.csv'), berth]
  const tokens = [
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    '\n',
    '-',
    '1e999',
    '1e308',
    '0.5',
    '\u0000',
    '"__proto__":',
    'null',
    '\ud800',
    '=',
  ]
  let taken = 0
  for (let round = 0; round < rounds; round += 1) {
    let text = random.pick(files)
    for (let change = 0; change <= random.below(4); change += 1) {
      const at = random.below(text.length)
      const cut = random.below(3) === 0 ? random.below(2000) : random.below(3)
      text = text.slice(0, at) + random.pick(tokens) + text.slice(at + cut)
    }
    const imported = await tryImport(text)
    if (imported === null) continue
    taken += 1
    await checkTaken(imported)
  }
  expect(taken).toBeGreaterThan(rounds / 4)
}, 120_000)

it('any text at all is refused in words', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (text) => {
      for (const start of ['', '{"format":"berth-benchmarks",', '[\n', 'build_commit,avg_ts\n'])
        expect(await tryImport(start + text)).toBeNull()
    }),
    { numRuns: rounds, seed },
  )
}, 60_000)
