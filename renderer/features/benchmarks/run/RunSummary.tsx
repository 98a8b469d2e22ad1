import { Progress } from '@mantine/core'
import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { Copyable } from '../../../components/CopyButton.tsx'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { Section } from '../../../components/Section.tsx'
import sheet from '../../../components/sheet.module.css'
import { isUnderWay, kindWords, settingsWord } from '../../../lib/benchmarks.ts'
import { formatDuration, formatMoment, formatPercent } from '../../../lib/format.ts'
import { useNow } from '../../../lib/now.ts'
import { useMirror } from '../../../lib/store.ts'
import classes from '../benchmarks.module.css'
import { headlineOf } from './headline.ts'
import { RunState } from './RunState.tsx'

/** How the run is, its figures in short, and what disturbed it. */
export function RunSummary({ run }: { readonly run: Benchmark }) {
  return (
    <>
      <Headline run={run} />
      {isUnderWay(run) && <RunProgress run={run} />}
      {run.error !== null && (
        <div className={sheet.section}>
          <ErrorView title="It did not come to its end" failure={{ ...run.error, requestId: null }} />
        </div>
      )}
      <Disturbances run={run} />
      <Facts run={run} />
    </>
  )
}

function Headline({ run }: { readonly run: Benchmark }) {
  const figures = headlineOf(run)
  if (figures.length === 0) return null
  return (
    <dl className={classes.headline}>
      {figures.map(({ name, text, tip }) => (
        <div key={name} title={tip}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

function RunProgress({ run }: { readonly run: Benchmark }) {
  const job = useMirror(({ jobs }) => (run.job === null ? null : (jobs.get(run.job) ?? null)))
  const now = useNow()
  const { fraction = null, text = null } = job?.progress ?? {}
  const waiting = 'It waits until the runs before it are done.'
  const since = run.startedAt === null ? null : `${formatDuration(Math.max(0, now - run.startedAt))} so far`
  return (
    <section className={sheet.section} aria-label="Progress">
      <div className={classes.progressText}>{text ?? (run.state === 'queued' ? waiting : 'Beginning…')}</div>
      <Progress
        value={run.state === 'queued' ? 0 : (fraction ?? 0) * 100}
        animated={run.state === 'running' && fraction === null}
        aria-label="Whole run"
      />
      <div className={classes.small}>
        {[...(fraction === null ? [] : [formatPercent(fraction)]), ...(since === null ? [] : [since])].join(' · ') ||
          '\u00a0'}
      </div>
    </section>
  )
}

function Disturbances({ run: { disturbances } }: { readonly run: Benchmark }) {
  const now = useNow(60_000)
  if (disturbances.length === 0) return null
  return (
    <Section title="What to know">
      <ul className={classes.disturbances}>
        {disturbances.map(({ kind, text, at }) => (
          <li key={`${kind} ${at} ${text}`}>
            <TriangleAlert size={14} aria-hidden />
            <span>
              {text} <span className={classes.small}>{formatMoment(at, now)}</span>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Facts({ run }: { readonly run: Benchmark }) {
  const now = useNow(60_000)
  const took = run.startedAt === null || run.endedAt === null ? null : run.endedAt - run.startedAt
  return (
    <div className={sheet.section}>
      <dl className={sheet.facts}>
        <Fact name="State">
          <RunState run={run} />
        </Fact>
        <Fact name="Model">
          <Copyable text={run.model} what="model name" />
        </Fact>
        <Fact name="Kind">
          {kindWords[run.kind]}, {settingsWord(run)}
        </Fact>
        {run.label !== null && (
          <Fact name="Note">
            <Copyable text={run.label} what="note" />
          </Fact>
        )}
        <Fact name={run.source === 'berth' ? 'Asked for' : 'Measured'}>{formatMoment(run.createdAt, now)}</Fact>
        {took !== null && run.source === 'berth' && <Fact name="Took">{formatDuration(took)}</Fact>}
      </dl>
    </div>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
