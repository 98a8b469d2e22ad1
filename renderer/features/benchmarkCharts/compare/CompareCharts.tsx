import { useMemo } from 'react'
import { formatMeasured, formatSpread } from '../../../lib/benchmarkFigures.ts'
import { formatCount, formatTokens } from '../../../lib/format.ts'
import { tickText, tokenTick } from '../charts/axis.ts'
import { BarList } from '../charts/BarList.tsx'
import { Legend } from '../charts/ChartFrame.tsx'
import classes from '../charts/charts.module.css'
import { LinesChart } from '../charts/LinesChart.tsx'
import { type Look, plainLook } from '../charts/looks.ts'
import type { Series } from '../charts/series.ts'
import { ladderTitle, levelText } from '../runCharts/servingSeries.ts'
import { type Column, runTitles } from './compareRows.ts'
import {
  depthPanes,
  embeddingPanes,
  sharedLevels,
  type TestBars as TestBarsOf,
  testBars,
  throughputLines,
} from './compareSeries.ts'
import { PercentileChart } from './PercentileChart.tsx'
import { QuantChart } from './QuantChart.tsx'
import { quantPoints } from './quantPoints.ts'

type CompareChartsProps = { readonly columns: readonly Column[]; readonly looks: ReadonlyMap<string, Look> }
type Names = { readonly named: ReadonlyMap<string, string> }

const loadKinds = ['concurrency', 'rate'] as const

/** The same runs as lines; each run has the colour, the shape and the letter of its column. */
export function CompareCharts({ columns, looks }: CompareChartsProps) {
  const depths = useMemo(() => depthPanes(columns), [columns])
  const bars = useMemo(() => testBars(columns, depths), [columns, depths])
  const batches = useMemo(() => embeddingPanes(columns), [columns])
  const named = useMemo(() => runTitles(columns), [columns])
  const loads = loadKinds.filter((by) => sharedLevels(columns, by).length > 0)
  const isEmpty = depths.length + bars.length + batches.length + loads.length === 0
  if (isEmpty && quantPoints(columns).points.length < 2)
    return (
      <p className={classes.dim}>
        These runs have nothing to draw over load, depth, batch or memory. Their figures are in the table.
      </p>
    )
  return (
    <div className={classes.charts}>
      <Legend
        className={classes.runLegend}
        keys={columns.map(({ id }) => ({ id, name: named.get(id) ?? id, look: looks.get(id) ?? plainLook }))}
      />
      {bars.length > 0 && (
        <div className={classes.panes}>
          {bars.map((each) => (
            <TestBars key={each.test} bars={each} looks={looks} named={named} />
          ))}
        </div>
      )}
      <div className={classes.panes}>
        {loads.map((by) => (
          <LinesChart
            key={by}
            title="Throughput"
            unit="tokens/s"
            series={withNames(throughputLines(columns, by), named)}
            looks={looks}
            hideLegend
            xTitle={ladderTitle(by)}
            xTick={tickText}
            xText={(level) => levelText(by, level)}
          />
        ))}
        {loads.map((by) => (
          <PercentileChart key={by} by={by} columns={columns} looks={looks} named={named} />
        ))}
        {depths.map(({ id, title, series }) => (
          <LinesChart
            key={id}
            title={title}
            unit="tokens/s"
            series={withNames(series, named)}
            looks={looks}
            hideLegend
            xTitle="Tokens in the context before"
            xTick={tokenTick}
            xText={formatTokens}
            linear
          />
        ))}
        {batches.map(({ id, title, series }) => (
          <LinesChart
            key={id}
            title={title}
            unit="texts/s"
            series={withNames(series, named)}
            looks={looks}
            hideLegend
            xTitle="Texts in a batch"
            xTick={tickText}
            xText={formatCount}
          />
        ))}
        <QuantChart columns={columns} looks={looks} named={named} />
      </div>
    </div>
  )
}

const withNames = (lines: readonly Series[], named: Names['named']): readonly Series[] =>
  lines.map((line) => ({ ...line, name: named.get(line.id) ?? line.id }))

type TestBarsProps = Names & { readonly bars: TestBarsOf; readonly looks: ReadonlyMap<string, Look> }

function TestBars({ bars: { test, results }, looks, named }: TestBarsProps) {
  return (
    <section className={classes.part}>
      <h3 className={classes.partTitle}>{test}</h3>
      <BarList
        label={test}
        bars={results.map(({ column: { id }, result: { statistics, unit } }) => ({
          id,
          name: named.get(id) ?? id,
          value: statistics.mean,
          interval: statistics.interval,
          figure: [formatMeasured(statistics.mean, unit), formatSpread(statistics.mean, statistics.interval, unit)]
            .filter((text) => text !== null)
            .join(' '),
          color: (looks.get(id) ?? plainLook).color,
        }))}
      />
    </section>
  )
}
