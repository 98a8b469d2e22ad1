import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { ExternalLink } from 'lucide-react'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { settingsWord } from '../../../lib/benchmarks.ts'
import { formatMoment } from '../../../lib/format.ts'
import { useNow } from '../../../lib/now.ts'
import { type Look, plainLook } from '../charts/looks.ts'
import { LegendKey } from '../charts/Marker.tsx'
import classes from './compare.module.css'
import { type Column, type Tally, tallyWords } from './compareRows.ts'

type ColumnHeadProps = {
  readonly column: Column
  readonly look: Look | undefined
  readonly tally: Tally | undefined
  readonly isBaseline: boolean
  readonly onBaseline: (id: string) => void
  readonly onOpenRun: (id: string) => void
}

/** Which run a column is of, and how to compare with it instead. */
export function ColumnHead(props: ColumnHeadProps) {
  const { column, look, tally, isBaseline, onBaseline, onOpenRun } = props
  const { id, letter, run } = column
  const now = useNow(60_000)
  const { benchmark } = run
  const name = benchmark.record?.model.name ?? benchmark.model
  return (
    <th scope="col" className={classes.head} data-baseline={isBaseline || undefined}>
      <div className={classes.headTop}>
        <LegendKey look={look ?? plainLook} />
        <span className={classes.letter}>{letter}</span>
        <Tooltip label="Open this run">
          <ActionIcon size={22} aria-label={`Open run ${letter}, ${name}`} onClick={() => onOpenRun(id)}>
            <ExternalLink size={14} />
          </ActionIcon>
        </Tooltip>
        {/* one button in both states, so that the keyboard stays on it */}
        <Button
          variant={isBaseline ? 'light' : 'default'}
          size="compact-xs"
          aria-pressed={isBaseline}
          aria-label={`Compare with run ${letter}, ${name}`}
          onClick={() => onBaseline(id)}
        >
          {isBaseline ? 'Baseline' : 'Make baseline'}
        </Button>
      </div>
      <div className={classes.model} title={benchmark.model}>
        {name}
      </div>
      {factsOf(benchmark, formatMoment(benchmark.startedAt ?? benchmark.createdAt, now)).map((fact) => (
        <div key={fact} className={classes.small} title={fact}>
          {fact}
        </div>
      ))}
      {!isBaseline && tally !== undefined && <div className={classes.tally}>{tallyWords(tally)}</div>}
    </th>
  )
}

/** Quantisation and preset, when, provider and version; the person's own note. */
const factsOf = (benchmark: Benchmark, when: string): readonly string[] => {
  const { record, label } = benchmark
  const provider = record?.provider
  return [
    [record?.model.quantization, settingsWord(benchmark)].filter(Boolean).join(' · '),
    when,
    [provider?.name ?? benchmark.provider, provider?.version].filter(Boolean).join(' '),
    ...(label === null ? [] : [label]),
  ]
}
