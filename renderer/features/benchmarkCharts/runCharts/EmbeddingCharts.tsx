import { useMemo } from 'react'
import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import { formatCount } from '../../../lib/format.ts'
import { tickText } from '../charts/axis.ts'
import classes from '../charts/charts.module.css'
import { LinesChart } from '../charts/LinesChart.tsx'
import { embeddingLatency, embeddingSpeed } from './embeddingSeries.ts'

const axis = {
  xTitle: 'Texts in a batch',
  xTick: tickText,
  xText: (texts: number) => (texts === 1 ? '1 text' : `${formatCount(texts)} texts`),
}

/** Texts per second, and how long a batch takes, over its size. */
export function EmbeddingCharts({ results }: { readonly results: readonly BenchmarkResult[] }) {
  const speed = useMemo(() => embeddingSpeed(results), [results])
  const latency = useMemo(() => embeddingLatency(results), [results])
  if (speed.length === 0) return null
  return (
    <div className={classes.panes}>
      <LinesChart title="Embedding" unit="texts/s" series={speed} {...axis} />
      {latency.length > 0 && <LinesChart title="Time of one batch" unit="ms" series={latency} {...axis} />}
    </div>
  )
}
