import { SegmentedControl, Select } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { Load } from '../../../../shared/contract/benchmarkSettings.ts'
import classes from '../charts/charts.module.css'
import { LinesChart } from '../charts/LinesChart.tsx'
import type { Look } from '../charts/looks.ts'
import { type Latency, latencies, latencyNames, latencyWords, levelText } from '../runCharts/servingSeries.ts'
import type { Column } from './compareRows.ts'
import { percentileLines, percentileSteps, sharedLevels } from './compareSeries.ts'

type PercentileChartProps = {
  readonly by: Load['by']
  readonly columns: readonly Column[]
  readonly looks: ReadonlyMap<string, Look>
  /** what each run is called */
  readonly named: ReadonlyMap<string, string>
}

/** How latencies are spread at one load, a line for each run. */

export function PercentileChart({ columns, looks, by, named }: PercentileChartProps) {
  const levels = useMemo(() => sharedLevels(columns, by), [columns, by])
  const [wanted, setLevel] = useState<number | null>(null)
  const [latency, setLatency] = useState<Latency>('ttft')
  const level = wanted !== null && levels.includes(wanted) ? wanted : levels[0]
  const lines = useMemo(
    () => (level === undefined ? [] : percentileLines(columns, by, level, latency)),
    [columns, by, level, latency],
  )
  if (level === undefined) return null
  const choices = [...levels].sort((a, b) => a - b)
  return (
    <LinesChart
      title={latencyWords[latency]}
      unit="ms"
      series={lines.map((line) => ({ ...line, name: named.get(line.id) ?? line.id }))}
      looks={looks}
      hideLegend
      xTitle="Percentile of the requests"
      xTick={(step) => percentileSteps[step] ?? ''}
      xText={(step) => percentileSteps[step] ?? ''}
      linear
      controls={
        <div className={classes.controls}>
          <SegmentedControl
            aria-label="Latency"
            data={latencies.map((value) => ({ value, label: latencyNames[value] }))}
            value={latency}
            onChange={setLatency}
          />
          <Select
            aria-label="Load"
            w={136}
            allowDeselect={false}
            data={choices.map((each) => ({ value: String(each), label: levelText(by, each) }))}
            value={String(level)}
            onChange={(value) => setLevel(Number(value))}
          />
        </div>
      }
    />
  )
}
