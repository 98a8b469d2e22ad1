import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import type { Model } from '../../../shared/contract/models.ts'
import type { BenchmarkRepository } from '../../catalog/benchmarkRepository.ts'
import type { KnownSpeed } from './work.ts'

/** Enough to have one of each kind. */
const lookedAt = 10
/** Bytes per second from a disk that is not the slowest; only for a model whose load was never measured. */
const readingSpeed = 500e6
const startMs = 1000

const first = (values: readonly (number | null)[]): number | null => values.find((value) => value !== null) ?? null

/** The slowest: a load from the disk, where that was measured. */
const loadMsOf = (results: readonly BenchmarkResult[]): number | null =>
  results.reduce<number | null>(
    (most, { test, statistics }) => (test.type === 'load' ? Math.max(most ?? 0, statistics.mean) : most),
    null,
  )

/** What earlier runs of it measured, the newest first; else what answers through Berth told. */
export const knownSpeedOf = (
  { model, tokensPerSecond, sizeBytes, verbs }: Pick<Model, 'model' | 'tokensPerSecond' | 'sizeBytes' | 'verbs'>,
  repository: Pick<BenchmarkRepository, 'list' | 'results'>,
): KnownSpeed => {
  const runs = repository.list({ model, limit: lookedAt }).filter(({ source }) => source === 'berth')
  const engineRuns = runs.filter(({ kind, headline }) => kind === 'engine' && headline.results > 0)
  const measured = first(engineRuns.map(({ benchmark }) => loadMsOf(repository.results(benchmark))))
  const guessed = sizeBytes === null ? startMs : startMs + (sizeBytes / readingSpeed) * 1000
  return {
    promptTokensPerSecond: first(runs.map(({ headline }) => headline.promptTokensPerSecond)),
    tokensPerSecond: first([...runs.map(({ headline }) => headline.tokensPerSecond), tokensPerSecond]),
    textsPerSecond: first(runs.map(({ headline }) => headline.textsPerSecond)),
    loadMs: verbs.load ? (measured ?? guessed) : null,
  }
}
