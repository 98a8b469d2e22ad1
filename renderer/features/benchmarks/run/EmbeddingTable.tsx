import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import { testName } from '../../../../shared/testName.ts'
import { Section } from '../../../components/Section.tsx'
import { formatMeasured } from '../../../lib/benchmarkFigures.ts'
import classes from '../benchmarks.module.css'
import { PercentileTable } from './PercentileTable.tsx'

/** How long a batch takes, by its size. */
export function EmbeddingTable({ results }: { readonly results: readonly BenchmarkResult[] }) {
  const embedded = results.flatMap(({ position, test, embedding }) =>
    embedding === null ? [] : [{ id: position, name: testName(test), percentiles: embedding.latencyMs, embedding }],
  )
  if (embedded.length === 0) return null
  const speeds = embedded.flatMap(({ embedding }) => embedding.inputTokensPerSecond ?? [])
  return (
    <Section title="Latency of a batch">
      <PercentileTable rows={embedded} />
      <p className={classes.hint}>
        {speeds.length === 0
          ? 'The provider does not count the tokens of the texts.'
          : `At the most ${formatMeasured(Math.max(...speeds), 'tokens/s')} of text were read, as the provider counts them.`}
      </p>
    </Section>
  )
}
