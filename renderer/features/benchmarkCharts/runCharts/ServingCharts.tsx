import { SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { ServiceLimits } from '../../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkWithResults } from '../../../../shared/contract/benchmarks.ts'
import { tickText } from '../charts/axis.ts'
import classes from '../charts/charts.module.css'
import { LinesChart } from '../charts/LinesChart.tsx'
import {
  highestLoad,
  type Ladder,
  type Latency,
  ladders,
  ladderTitle,
  latencies,
  latencyNames,
  latencySeries,
  latencyWords,
  levelOf,
  levelText,
  limitOf,
  requestSeries,
  throughputSeries,
} from './servingSeries.ts'

/** Throughput over load with the latencies beside it, for each kind of load. */
export function ServingCharts({ run }: { readonly run: BenchmarkWithResults }) {
  const all = useMemo(() => ladders(run.results), [run.results])
  const { settings } = run.benchmark
  const limits = settings?.kind === 'serving' ? settings.limits : null
  return all.map((ladder) => <LadderPanes key={ladder.by} ladder={ladder} limits={limits} />)
}

type LadderPanesProps = { readonly ladder: Ladder; readonly limits: ServiceLimits | null }

function LadderPanes({ ladder, limits }: LadderPanesProps) {
  const [latency, setLatency] = useState<Latency>('ttft')
  const highest = useMemo(() => highestLoad(ladder), [ladder])
  const throughput = useMemo(() => throughputSeries(ladder), [ladder])
  const requests = useMemo(() => requestSeries(ladder), [ladder])
  const times = useMemo(() => latencySeries(ladder, latency), [ladder, latency])
  const axis = {
    xTitle: ladderTitle(ladder.by),
    xTick: tickText,
    xText: (level: number) => levelText(ladder.by, level),
    marks: highest?.found ? [{ x: levelOf(highest.found.test.load), name: 'highest' }] : [],
  }
  const isApproximate = ladder.results.some(({ serving }) => serving.tokenCount === 'approximate')
  return (
    <section className={classes.part}>
      {highest !== null && <p className={classes.best}>{highest.text}</p>}
      <div className={classes.panes}>
        {throughput.length > 0 && (
          <LinesChart
            title="Throughput"
            unit="tokens/s"
            series={throughput}
            note={isApproximate ? '≈ tokens were counted by the pieces of the answers.' : undefined}
            {...axis}
          />
        )}
        <LinesChart
          title={latencyWords[latency]}
          unit="ms"
          series={times}
          limits={limitOf(limits, latency)}
          controls={
            <SegmentedControl
              aria-label="Latency"
              data={latencies.map((value) => ({ value, label: latencyNames[value] }))}
              value={latency}
              onChange={setLatency}
            />
          }
          {...axis}
        />
        <LinesChart title="Requests" unit="requests/s" series={requests} {...axis} />
      </div>
    </section>
  )
}
