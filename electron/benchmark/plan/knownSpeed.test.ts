import { expect, it } from 'vitest'
import { BenchmarkId } from '../../../shared/contract/benchmarkSettings.ts'
import { createBenchmarkRepository } from '../../catalog/benchmarkRepository.ts'
import type { NewResult, StoredBenchmark } from '../runner.ts'
import { statisticsOf } from '../statistics.ts'
import { idOf, modelOf, openDatabase, result, settings } from '../testRuns.ts'
import { knownSpeedOf } from './knownSpeed.ts'

const start = () => {
  const repository = createBenchmarkRepository(openDatabase())
  const add = (id: string, at: number, results: readonly NewResult[], facts: Partial<StoredBenchmark> = {}) => {
    const benchmark = BenchmarkId.parse(id)
    repository.save({
      ...{ benchmark, job: null, kind: 'engine', model: idOf('a'), provider: 'one', preset: null, label: null },
      ...{ source: 'berth', state: 'done', error: null, settings: settings(), options: {}, record: null },
      ...{ disturbances: [], createdAt: at, startedAt: at, endedAt: at, budgetSeconds: null, acceptedUsd: null },
      ...facts,
    })
    for (const each of results) repository.addResult(benchmark, { ...each, measuredAt: at }, new Uint8Array())
  }
  return { repository, add }
}
const prompt = (position: number, speed: number) => result(position, { statistics: statisticsOf([speed]) })
const generation = (position: number, speed: number): NewResult => ({
  ...prompt(position, speed),
  test: { type: 'generation', generatedTokens: 64, depth: 0 },
})
const load = (position: number, ms: number): NewResult => ({
  ...prompt(position, ms),
  test: { type: 'load', cache: 'warm' },
  unit: 'ms',
})

it('is what runs of this model measured, the newest first, and its slowest load', () => {
  const { repository, add } = start()
  add('old', 1, [load(0, 900), load(1, 2500), prompt(2, 100), generation(3, 10)])
  add('new', 2, [generation(0, 20)], { kind: 'engine' })
  add('other', 3, [prompt(0, 7)], { model: idOf('b') })
  add('theirs', 4, [prompt(0, 9999)], { source: 'llama-bench' })
  expect(knownSpeedOf(modelOf(idOf('a'), { tokensPerSecond: 5 }), repository)).toEqual({
    promptTokensPerSecond: 100,
    tokensPerSecond: 20,
    textsPerSecond: null,
    loadMs: 2500,
  })
})

it('is what answers told where nothing was measured, with a load by the size of the file', () => {
  const { repository } = start()
  const model = modelOf(idOf('a'), { tokensPerSecond: 5, sizeBytes: 500e6 })
  expect(knownSpeedOf(model, repository)).toEqual({
    promptTokensPerSecond: null,
    tokensPerSecond: 5,
    textsPerSecond: null,
    loadMs: 2000,
  })
  const alone = modelOf(idOf('a'), { verbs: { ...model.verbs, load: false } })
  expect(knownSpeedOf(alone, repository).loadMs).toBeNull()
})
