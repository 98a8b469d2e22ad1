import { Select } from '@mantine/core'
import { Trophy } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import { formatMeasured } from '../../../lib/benchmarkFigures.ts'
import { formatCount } from '../../../lib/format.ts'
import classes from '../charts/charts.module.css'
import { verdictText } from '../verdict.ts'
import { type SweepOption, type SweepTest, sweepTests } from './sweep.ts'

/** What options are worth: for each value every combination as a dot, and the best of them. */
export function SweepCharts({ results }: { readonly results: readonly BenchmarkResult[] }) {
  const tests = useMemo(() => sweepTests(results), [results])
  const [chosen, setChosen] = useState<string | null>(null)
  const test = tests.find(({ name }) => name === chosen) ?? tests[0]
  if (test === undefined) return null
  return (
    <section className={classes.part}>
      <h4 className={classes.partTitle}>
        What the options do to
        {tests.length === 1 ? (
          ` ${test.name}`
        ) : (
          <Select
            aria-label="Test"
            w={200}
            allowDeselect={false}
            data={tests.map(({ name }) => name)}
            value={test.name}
            onChange={setChosen}
          />
        )}
      </h4>
      <p className={classes.best}>
        <Trophy size={16} aria-hidden />
        <span>
          <strong>Best: {test.bestWords}</strong>, {formatMeasured(test.fastest, test.best.unit)}
          {gainWords(test)}
        </span>
      </p>
      <div className={classes.panes}>
        {test.options.map((option) => (
          <OptionDots key={option.option} option={option} fastest={test.fastest} unit={test.best.unit} />
        ))}
      </div>
    </section>
  )
}

const gainWords = ({ gain, combinations, slowestWords }: SweepTest): string => {
  const of = `${formatCount(combinations)} combinations`
  if (gain === null) return `, of ${of}.`
  const size = verdictText('speed', { relative: gain, verdict: 'better' })
  return `, ${size} ${size.endsWith('fast') ? 'as' : 'than'} the slowest of ${of} (${slowestWords}).`
}

type OptionDotsProps = { readonly option: SweepOption; readonly fastest: number; readonly unit: string }

function OptionDots({ option, fastest, unit }: OptionDotsProps) {
  const part = (speed: number): string => `${fastest > 0 ? Math.max(0, (speed / fastest) * 100) : 0}%`
  return (
    <section>
      <div className={classes.title}>{option.title}</div>
      <ul className={classes.bars} aria-label={option.title}>
        {option.values.map(({ label, speeds, best, isBest }) => (
          <li key={label} className={classes.barRow} data-strong={isBest || undefined}>
            <span className={classes.barName}>{label}</span>
            <span className={classes.dots} aria-hidden>
              {speeds.map((speed, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a dot has no other identity than its place
                <span key={index} className={classes.dot} style={{ left: part(speed) }} />
              ))}
              <span className={classes.bestDot} style={{ left: part(best) }} />
            </span>
            <span className={classes.barFigure}>
              {formatMeasured(best, unit)}
              <Trophy
                size={14}
                className={classes.inlineIcon}
                data-hidden={!isBest || undefined}
                aria-hidden={!isBest}
                aria-label="best"
              />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
