import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createBenchmarkRepository } from '../../catalog/benchmarkRepository.ts'
import { openDatabase } from '../testRuns.ts'
import { exportBenchmarks } from './exportBenchmarks.ts'
import { createTakeIn } from './takeIn.ts'
import { everyKindOfResult, type RunOfTest, samplesIn } from './testRuns.ts'

const fixture = readFileSync(
  new URL('../../../test/fixtures/benchmark/llama-bench.jsonl', import.meta.url),
  'utf8',
).trim()
const lines = fixture.split('\n')
const [firstLine = ''] = lines

const start = (db = openDatabase()) => {
  const repository = createBenchmarkRepository(db)
  let at = Date.UTC(2026, 11, 1)
  const takeIn = createTakeIn(repository, () => at++)
  const counts = async (text: string, label: string | null = null) => {
    const { taken, already, skipped } = await takeIn(text, label)
    const results = taken.reduce((sum, id) => sum + repository.results(id).length, 0)
    return { runs: taken.length, results, already, skipped }
  }
  return { repository, takeIn, counts }
}
const nothing = { runs: 0, results: 0, skipped: [] }
const exported = async (run: RunOfTest): Promise<string> =>
  (await exportBenchmarks('json', [run.run], samplesIn(run))).text

it('takes in the same file once, also twice at once and under another label', async () => {
  const { counts, repository } = start()
  const all = lines.length
  const both = await Promise.all([counts(fixture), counts(fixture, 'again')])
  expect(both).toEqual([
    { runs: 1, results: all, already: 0, skipped: [] },
    { ...nothing, already: all },
  ])
  const text = await exported(everyKindOfResult())
  expect(await counts(text)).toEqual({ runs: 1, results: 5, already: 0, skipped: [] })
  expect(await counts(text)).toEqual({ ...nothing, already: 5 })
  expect(repository.list({ limit: 9 })).toHaveLength(2)
})

it('takes in of a file that has grown what is new', async () => {
  const { counts } = start()
  expect(await counts(lines.slice(0, -1).join('\n'))).toMatchObject({ results: lines.length - 1, already: 0 })
  expect(await counts(fixture)).toMatchObject({ runs: 1, results: 1, already: lines.length - 1 })
  expect(await counts(fixture)).toEqual({ ...nothing, already: lines.length })
})

it('takes in a repetition in one file that was measured at another time, and not the same one twice', async () => {
  const { counts } = start()
  const later = JSON.stringify({ ...JSON.parse(firstLine), test_time: '2027-01-01T00:00:00Z' })
  expect(await counts([firstLine, later, firstLine].join('\n'))).toMatchObject({ runs: 2, results: 2, already: 1 })
})

it('knows a result whose file does not tell its time', async () => {
  const { counts } = start()
  const { test_time: _, ...untimed } = JSON.parse(firstLine)
  expect(await counts(JSON.stringify(untimed))).toMatchObject({ results: 1, already: 0 })
  expect(await counts(JSON.stringify(untimed))).toEqual({ ...nothing, already: 1 })
})

it('takes in a result with the same figures and other samples, and one that was removed', async () => {
  const { counts, takeIn, repository } = start()
  const every = everyKindOfResult()
  const text = await exported(every)
  const { taken } = await takeIn(text, null)
  const others = every.samples.map((each, index) => (index === 0 ? each.toReversed() : each))
  expect(await counts(await exported({ ...every, samples: others }))).toMatchObject({ results: 1, already: 4 })
  repository.remove(taken)
  expect(await counts(text)).toMatchObject({ results: 5, already: 0 })
})

it('takes in a run without results once', async () => {
  const { counts } = start()
  const { run } = everyKindOfResult()
  const text = await exported({ run: { ...run, results: [] }, samples: [] })
  expect(await counts(text)).toEqual({ ...nothing, runs: 1, already: 0 })
  expect(await counts(text)).toEqual({ ...nothing, already: 0 })
})

it('does not take a run of this Berth for an imported one', async () => {
  const { counts, repository } = start()
  const { run } = everyKindOfResult()
  repository.insert({ ...run.benchmark, budgetSeconds: null, acceptedUsd: null }, [])
  expect(await counts(await exported(everyKindOfResult()))).toMatchObject({ runs: 1, results: 5 })
})
