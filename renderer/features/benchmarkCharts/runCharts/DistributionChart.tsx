import { Button, Select } from '@mantine/core'
import { ChartColumn } from 'lucide-react'
import { useState } from 'react'
import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import type { BenchmarkWithResults } from '../../../../shared/contract/benchmarks.ts'
import { testName } from '../../../../shared/testName.ts'
import classes from '../charts/charts.module.css'
import { Distribution } from './Distribution.tsx'
import { isEmbedded } from './embeddingSeries.ts'
import { isServed } from './servingSeries.ts'

const hasTimes = (result: BenchmarkResult): boolean => isServed(result) || isEmbedded(result)
const nameOf = ({ test, position }: BenchmarkResult): string =>
  `${testName(test)}${test.type === 'serving' && test.search ? ' (search)' : ''}, result ${position + 1}`

/** How single latencies lie, from the raw samples; asked for only when somebody wants to see it. */
export function DistributionChart({ run }: { readonly run: BenchmarkWithResults }) {
  const [position, setPosition] = useState<number | null>(null)
  const choices = run.results.filter(hasTimes)
  const [first] = choices
  if (first === undefined) return null
  const chosen = choices.find((result) => result.position === position)
  return (
    <section className={classes.part}>
      <h4 className={classes.partTitle}>
        Distribution of latencies
        {chosen === undefined ? (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<ChartColumn size={14} />}
            onClick={() => setPosition(first.position)}
          >
            Show from the raw samples
          </Button>
        ) : (
          <Select
            aria-label="Result"
            w={280}
            allowDeselect={false}
            data={choices.map((result) => ({ value: String(result.position), label: nameOf(result) }))}
            value={String(chosen.position)}
            onChange={(value) => setPosition(Number(value))}
          />
        )}
      </h4>
      {chosen !== undefined && <Distribution benchmark={run.benchmark.benchmark} result={chosen} />}
    </section>
  )
}
