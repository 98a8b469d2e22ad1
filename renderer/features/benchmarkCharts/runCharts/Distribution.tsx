import { Button, Group, SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import { ErrorView } from '../../../components/ErrorView.tsx'
import classes from '../charts/charts.module.css'
import { DistributionDrawing } from './DistributionDrawing.tsx'
import { type Measure, valuesOf } from './distribution.ts'
import { isServed } from './servingSeries.ts'
import { useSamples } from './useSamples.ts'

const servedMeasures = [
  { value: 'ttft', label: 'TTFT' },
  { value: 'itl', label: 'ITL' },
  { value: 'e2e', label: 'E2E' },
] as const

const titles: Readonly<Record<Measure, string>> = {
  ttft: 'Time to the first token',
  itl: 'Time between pieces of an answer',
  e2e: 'Time to the end of the answer',
  batch: 'Time of one batch',
}

type DistributionProps = { readonly benchmark: BenchmarkId; readonly result: BenchmarkResult }

export function Distribution({ benchmark, result }: DistributionProps) {
  const { answer, again } = useSamples(benchmark, result.position)
  const [wanted, setWanted] = useState<Measure>('ttft')
  const [shape, setShape] = useState<'histogram' | 'cumulative'>('histogram')
  const measure = isServed(result) ? wanted : 'batch'
  const samples = answer.state === 'ready' ? answer.value.samples : null
  const values = useMemo(() => (samples === null ? null : valuesOf(samples, measure)), [samples, measure])
  if (answer.state === 'failed')
    return (
      <ErrorView
        title="The samples could not be read"
        failure={answer.failure}
        action={<Button onClick={again}>Try again</Button>}
      />
    )
  if (values === null)
    return (
      <p className={classes.dim} role="status">
        Reading the samples…
      </p>
    )
  if (values.length === 0) return <p className={classes.dim}>No sample of this result has that time.</p>
  return (
    <DistributionDrawing
      title={titles[measure]}
      values={values}
      shape={shape}
      controls={
        <Group gap={8}>
          {isServed(result) && (
            <SegmentedControl aria-label="Latency" data={[...servedMeasures]} value={wanted} onChange={setWanted} />
          )}
          <SegmentedControl
            aria-label="Drawing"
            data={[
              { value: 'histogram', label: 'Histogram' },
              { value: 'cumulative', label: 'Cumulative' },
            ]}
            value={shape}
            onChange={setShape}
          />
        </Group>
      }
    />
  )
}
