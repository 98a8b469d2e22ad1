import { SegmentedControl, Select } from '@mantine/core'
import { useMemo, useState } from 'react'
import { formatTokens } from '../../lib/format.ts'
import { tickText, tokenTick } from './axis.ts'
import { Legend } from './ChartFrame.tsx'
import classes from './charts.module.css'
import { type Column, runTitles } from './compareRows.ts'
import { depthPanes, percentileLines, percentileSteps, sharedLevels, throughputLines } from './compareSeries.ts'
import { LinesChart } from './LinesChart.tsx'
import { type Look, plainLook } from './looks.ts'
import { QuantChart } from './QuantChart.tsx'
import { type Latency, ladderTitle, latencies, latencyNames, latencyWords, levelText } from './servingSeries.ts'

type CompareChartsProps = { readonly columns: readonly Column[]; readonly looks: ReadonlyMap<string, Look> }

/** The same runs as lines; each run has the colour, the shape and the letter of its column. */
export function CompareCharts({ columns, looks }: CompareChartsProps) {
  const depths = useMemo(() => depthPanes(columns), [columns])
  const named = useMemo(() => runTitles(columns), [columns])
  const withNames = <Line extends { readonly id: string }>(lines: readonly Line[]) =>
    lines.map((line) => ({ ...line, name: named.get(line.id) ?? line.id }))
  return (
    <div className={classes.charts}>
      <Legend
        className={classes.runLegend}
        keys={columns.map(({ id }) => ({ id, name: named.get(id) ?? id, look: looks.get(id) ?? plainLook }))}
      />
      <div className={classes.panes}>
        {(['concurrency', 'rate'] as const).map((by) => {
          const lines = throughputLines(columns, by)
          return lines.length === 0 ? null : (
            <LinesChart
              key={by}
              title="Throughput"
              unit="tokens/s"
              series={withNames(lines)}
              looks={looks}
              hideLegend
              xTitle={ladderTitle(by)}
              xTick={tickText}
              xText={(level) => levelText(by, level)}
            />
          )
        })}
        {(['concurrency', 'rate'] as const).map((by) => (
          <PercentileChart key={by} by={by} columns={columns} looks={looks} named={named} />
        ))}
        {depths.map(({ id, title, series }) => (
          <LinesChart
            key={id}
            title={title}
            unit="tokens/s"
            series={withNames(series)}
            looks={looks}
            hideLegend
            xTitle="Tokens in the context before"
            xTick={tokenTick}
            xText={formatTokens}
            linear
          />
        ))}
        <QuantChart columns={columns} looks={looks} named={named} />
      </div>
    </div>
  )
}

type PercentileChartProps = CompareChartsProps & {
  readonly by: 'concurrency' | 'rate'
  readonly named: ReadonlyMap<string, string>
}

function PercentileChart({ columns, looks, by, named }: PercentileChartProps) {
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
