import { useMemo } from 'react'
import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import { testName } from '../../../../shared/testName.ts'
import { formatMeasured, formatSpread } from '../../../lib/benchmarkFigures.ts'
import { formatTokens } from '../../../lib/format.ts'
import { tokenTick } from '../charts/axis.ts'
import { type Bar, BarList } from '../charts/BarList.tsx'
import classes from '../charts/charts.module.css'
import { LinesChart } from '../charts/LinesChart.tsx'
import { thin } from '../charts/series.ts'
import { differingOptions, hasDepths, isLoadTime, isSpeed, optionsText, speedPanes } from './engineSeries.ts'

type Results = { readonly results: readonly BenchmarkResult[] }

const withSpread = ({ statistics: { mean, interval }, unit }: BenchmarkResult): string =>
  [formatMeasured(mean, unit), formatSpread(mean, interval, unit)].filter((text) => text !== null).join(' ')

/** pp and tg over depth; what was measured at one depth alone stands side by side. */
export function SpeedCharts({ results }: Results) {
  const panes = useMemo(() => speedPanes(results), [results])
  const isSwept = useMemo(() => differingOptions(results.filter(isSpeed)).length > 0, [results])
  const flat = panes.filter((pane) => !hasDepths(pane))
  const deep = panes.filter(hasDepths)
  return (
    <>
      {flat.length > 0 && !isSwept && (
        <div className={classes.panes}>
          {flat.map(({ id, title }) => (
            <SpeedBars key={id} title={title} results={results.filter(({ test }) => test.type === id)} />
          ))}
        </div>
      )}
      {deep.length > 0 && (
        <div className={classes.panes}>
          {deep.map(({ id, title, series }) => (
            <LinesChart
              key={id}
              title={title}
              note={isSwept ? 'The best combination of options at each depth.' : undefined}
              unit="tokens/s"
              series={series}
              xTitle="Tokens in the context before"
              xTick={tokenTick}
              xText={formatTokens}
              linear
            />
          ))}
        </div>
      )}
    </>
  )
}

/** A list of bars says nothing more beyond. */
const mostBars = 40

function SpeedBars({ title, results }: Results & { readonly title: string }) {
  return (
    <section className={classes.part}>
      <h4 className={classes.partTitle}>{title}</h4>
      <BarList label={title} bars={thin(results, mostBars).map((result) => barOf(result, testName(result.test)))} />
    </section>
  )
}

const barOf = (result: BenchmarkResult, name: string): Bar => ({
  id: String(result.position),
  name,
  value: result.statistics.mean,
  interval: result.statistics.interval,
  figure: withSpread(result),
})

const cacheWords = { cold: 'cold, from the disk', warm: 'warm, from the system’s cache' } as const

/** How long it took until the model could answer. */
export function LoadTimes({ results }: Results) {
  const loads = results.filter(isLoadTime)
  const swept = differingOptions(loads)
  if (loads.length === 0) return null
  const bars = thin(loads, mostBars).map((result) => {
    const words = cacheWords[result.test.cache]
    return {
      ...barOf(result, swept.length === 0 ? words : `${words}, ${optionsText(result.options, swept)}`),
    }
  })
  return (
    <section className={classes.part}>
      <h4 className={classes.partTitle}>Loading</h4>
      <BarList label="Loading" bars={bars} />
    </section>
  )
}
