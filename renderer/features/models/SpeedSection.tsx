import { Anchor } from '@mantine/core'
import { useMemo } from 'react'
import { Link } from 'wouter'
import type { Benchmark } from '../../../shared/contract/benchmarks.ts'
import { Section } from '../../components/Section.tsx'
import sheet from '../../components/sheet.module.css'
import { formatMeasured, formatMs } from '../../lib/benchmarkFigures.ts'
import { kindWords, lastRunsOf, settingsWord } from '../../lib/benchmarks.ts'
import { formatMoment, formatRelative } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'
import classes from './models.module.css'

/** The last benchmark of each kind, with the way to what was measured before. */
export function SpeedSection({ model }: { readonly model: string }) {
  const benchmarks = useMirror((mirror) => mirror.benchmarks)
  const runs = useMemo(() => lastRunsOf(benchmarks.values(), model), [benchmarks, model])
  if (runs.length === 0) return null
  return (
    <Section title="Speed">
      <dl className={sheet.facts}>
        {runs.map((run) => (
          <RunLine key={run.benchmark} run={run} />
        ))}
      </dl>
      <p className={classes.note}>
        <Anchor component={Link} href={routes.history(model)}>
          History of its speed
        </Anchor>
      </p>
    </Section>
  )
}

const everyMs = 15_000

function RunLine({ run }: { readonly run: Benchmark }) {
  const now = useNow(everyMs)
  const figures = speedWords(run)
  return (
    <>
      <dt>{kindWords[run.kind]}</dt>
      <dd>
        {figures.length === 0 ? 'measured' : figures.join(' · ')}
        <div className={sheet.source} title={formatMoment(run.createdAt, now)}>
          <Anchor component={Link} href={routes.benchmark(run.benchmark)} inherit>
            {settingsWord(run)}, {formatRelative(run.createdAt, now)}
          </Anchor>
        </div>
      </dd>
    </>
  )
}

/** What was measured of it, in few words. */
const speedWords = ({ headline }: Benchmark): readonly string[] => {
  const { promptTokensPerSecond: prompt, tokensPerSecond: generation, ttftMs, throughput, textsPerSecond } = headline
  return [
    ...(prompt === null ? [] : [`prompt ${formatMeasured(prompt, 'tokens/s')}`]),
    ...(generation === null ? [] : [`generation ${formatMeasured(generation, 'tokens/s')}`]),
    ...(ttftMs === null ? [] : [`TTFT ${formatMs(ttftMs)}`]),
    ...(throughput === null ? [] : [`throughput ${formatMeasured(throughput, 'tokens/s')}`]),
    ...(textsPerSecond === null ? [] : [formatMeasured(textsPerSecond, 'texts/s')]),
  ]
}
