import type { BenchmarkResult, BenchmarkTest } from '../../../../shared/contract/benchmarkResults.ts'
import { formatTokens } from '../../../lib/format.ts'
import { groupBy, point, type Series } from '../charts/series.ts'
import { shownPercentiles } from './servingSeries.ts'

type Embedded = BenchmarkResult & { readonly test: Extract<BenchmarkTest, { type: 'embedding' }> }
export const isEmbedded = (result: BenchmarkResult): result is Embedded => result.test.type === 'embedding'

const byBatch = (results: readonly Embedded[]): readonly Embedded[] =>
  [...results].sort((a, b) => a.test.batchSize - b.test.batchSize)

/** One line for each length of text. */
export const embeddingSpeed = (results: readonly BenchmarkResult[]): readonly Series[] =>
  [...groupBy(byBatch(results.filter(isEmbedded)), ({ test }) => String(test.textTokens))].map(([length, group]) => ({
    id: length,
    name: `texts of ${formatTokens(Number(length))}`,
    points: group.map(({ test, statistics }) => point(test.batchSize, statistics.mean, statistics.interval)),
  }))

/** Of the first length of text: three percentiles of several would be a tangle. */
export const embeddingLatency = (results: readonly BenchmarkResult[]): readonly Series[] => {
  const all = results.filter(isEmbedded)
  const length = all[0]?.test.textTokens
  const group = byBatch(all.filter(({ test }) => test.textTokens === length))
  return shownPercentiles
    .map((part) => ({
      id: part,
      name: part,
      points: group.flatMap(({ test, embedding }) => {
        const ms = embedding?.latencyMs[part] ?? null
        return ms === null ? [] : [point(test.batchSize, ms)]
      }),
    }))
    .filter(({ points }) => points.length > 0)
}
