import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Gauge, Info, Trophy } from 'lucide-react'
import { useMemo, useState } from 'react'
import { EmptyView } from '../../../components/EmptyView.tsx'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { client } from '../../../lib/client.ts'
import { machineMemory } from '../../../lib/machineMemory.ts'
import { useMirror, useResources } from '../../../lib/store.ts'
import { endedRuns } from '../endedRuns.ts'
import { useAnswer } from '../useAnswer.ts'
import { FastestFields } from './FastestFields.tsx'
import { FastestTable } from './FastestTable.tsx'
import classes from './fastest.module.css'
import { askedOf, firstQuestion, type Question, recommendation } from './fastestQuestion.ts'

export type FastestViewProps = {
  readonly onOpenRun: (benchmark: string) => void
  /** “Benchmark your models”, offered where nothing that fits was measured */
  readonly onBenchmark: () => void
}

const typingMs = 250

/** Which of my models is fastest within so much memory at so much context. Fills its place and scrolls inside. */
export function FastestView({ onOpenRun, onBenchmark }: FastestViewProps) {
  const resources = useResources()
  const memory = useMemo(() => machineMemory(resources), [resources])
  const [typed, setTyped] = useState<Question | null>(null)
  // what is free changes every second; the question must not
  const [first] = useState(() => firstQuestion(memory))
  const question = typed ?? first
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.page} tabIndex={0} aria-label="Fastest model">
      <FastestFields question={question} memory={memory} onQuestion={setTyped} />
      <FastestAnswer question={question} onOpenRun={onOpenRun} onBenchmark={onBenchmark} />
    </section>
  )
}

function FastestAnswer({ question, onOpenRun, onBenchmark }: FastestViewProps & { readonly question: Question }) {
  const [settled] = useDebouncedValue(question, typingMs)
  const ended = useMirror(({ benchmarks }) => endedRuns(benchmarks, null))
  const names = useMirror(({ models }) => models)
  const asked = askedOf(settled)
  const { answer, again } = useAnswer(`${JSON.stringify(asked)} ${ended}`, async (signal) => ({
    models: asked === null ? [] : (await client.benchmarks.fastest({ ...asked, limit: 50 }, { signal })).models,
    question: settled,
  }))
  if (asked === null) return <p className={classes.dim}>Nothing is looked up until both fields can be asked for.</p>
  if (answer.state === 'loading')
    return (
      <p className={classes.dim} role="status">
        Looking through what was measured…
      </p>
    )
  if (answer.state === 'failed')
    return (
      <ErrorView
        title="It could not be looked up"
        failure={answer.failure}
        action={
          <Button size="compact-xs" variant="default" onClick={again}>
            Try again
          </Button>
        }
      />
    )
  const { models } = answer.value
  if (models.length === 0)
    return (
      <EmptyView
        icon={<Gauge />}
        title="No measured model fits"
        text="Only what was measured can be compared. Benchmark your models, which takes half a minute for each with the Quick preset, or allow more memory or less context."
        actions={<Button onClick={onBenchmark}>Benchmark your models</Button>}
      />
    )
  return (
    <>
      <p className={classes.recommendation} role="status">
        {models.some(({ available }) => available) ? <Trophy size={16} aria-hidden /> : <Info size={16} aria-hidden />}
        <span>{recommendation(models, answer.value.question, (model) => names.get(model)?.name ?? model)}</span>
      </p>
      <FastestTable models={models} question={answer.value.question} onOpenRun={onOpenRun} />
    </>
  )
}
