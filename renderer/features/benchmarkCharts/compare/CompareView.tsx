import { Button, SegmentedControl, Switch } from '@mantine/core'
import { GitCompareArrows, X } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import type { Comparison } from '../../../../shared/contract/benchmarkAnswers.ts'
import { EmptyView } from '../../../components/EmptyView.tsx'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { PageHeader } from '../../../components/PageHeader.tsx'
import type { Failure } from '../../../lib/failure.ts'
import { useMirror } from '../../../lib/store.ts'
import { looksOf } from '../charts/looks.ts'
import { CompareCharts } from './CompareCharts.tsx'
import { CompareTable } from './CompareTable.tsx'
import classes from './compare.module.css'
import {
  baselineOf,
  type Column,
  columnsOf,
  compareGroups,
  goneWords,
  hasCommon,
  onlyDiffering,
  tallyOf,
} from './compareRows.ts'
import { useComparison } from './useComparison.ts'

export type CompareViewProps = {
  /** 1 to 20 runs; the first is the baseline to begin with */
  readonly ids: readonly string[]
  readonly onClose: () => void
  readonly onOpenRun: (benchmark: string) => void
}

type View = 'figures' | 'charts'
const views: { value: View; label: string }[] = [
  { value: 'figures', label: 'Figures' },
  { value: 'charts', label: 'Charts' },
]

/** Runs side by side. Fills its place, with a head of its own, and scrolls inside. */
export function CompareView({ ids, onClose, onOpenRun }: CompareViewProps) {
  const { shown, left, baseline, setBaseline, answer, again } = useComparison(ids)
  const count = answer.state === 'ready' ? answer.value.runs.length : shown.length
  const [onlyDifferences, setOnlyDifferences] = useState(false)
  const [view, setView] = useState<View>('figures')
  return (
    <>
      <PageHeader
        title={count === 1 ? 'Compare one run' : `Compare ${count} runs`}
        filters={
          <ViewChoice
            view={view}
            onView={setView}
            differences={view === 'figures' && shown.length > 1 ? onlyDifferences : null}
            onDifferences={setOnlyDifferences}
          />
        }
        action={<CloseButton onClose={onClose} />}
      />
      {left > 0 && (
        <Advice>
          Only the first {shown.length} are compared; {left} more {left === 1 ? 'is' : 'are'} left out.
        </Advice>
      )}
      {answer.state === 'ready' && answer.value.gone.length > 0 && <Advice isStatus>{goneWords(answer.value)}</Advice>}
      {answer.state === 'loading' && (
        <Advice isStatus>
          Comparing {shown.length} runs. Telling differences from noise takes a few seconds where runs have many
          requests…
        </Advice>
      )}
      {answer.state === 'failed' && <NotCompared failure={answer.failure} onAgain={again} />}
      {answer.state === 'ready' && (
        <Compared
          columns={columnsOf(answer.value.runs, shown)}
          comparisons={answer.value.comparisons}
          asked={answer.value.runs.map(({ benchmark }) => benchmark.benchmark)}
          isStale={answer.stale}
          baseline={baselineOf(answer.value, baseline)}
          view={view}
          onlyDifferences={onlyDifferences}
          onBaseline={setBaseline}
          onOpenRun={onOpenRun}
        />
      )}
    </>
  )
}

function CloseButton({ onClose }: Pick<CompareViewProps, 'onClose'>) {
  return (
    <Button variant="default" leftSection={<X size={14} />} onClick={onClose}>
      Close
    </Button>
  )
}

type ViewChoiceProps = {
  readonly view: View
  readonly onView: (view: View) => void
  /** null: there is nothing to leave out */
  readonly differences: boolean | null
  readonly onDifferences: (only: boolean) => void
}

function ViewChoice({ view, onView, differences, onDifferences }: ViewChoiceProps) {
  return (
    <>
      <SegmentedControl aria-label="Show" data={views} value={view} onChange={onView} />
      {differences !== null && (
        <Switch
          label="Only differences that are more than noise"
          checked={differences}
          onChange={(event) => onDifferences(event.currentTarget.checked)}
        />
      )}
    </>
  )
}

function Advice({ isStatus = false, children }: { readonly isStatus?: boolean; readonly children: ReactNode }) {
  return (
    <div className={classes.message}>
      <p className={classes.advice} {...(isStatus ? { role: 'status' } : {})}>
        {children}
      </p>
    </div>
  )
}

function NotCompared({ failure, onAgain }: { readonly failure: Failure; readonly onAgain: () => void }) {
  return (
    <div className={classes.message}>
      <ErrorView
        title="The runs could not be compared"
        failure={failure}
        action={
          <Button size="compact-xs" variant="default" onClick={onAgain}>
            Try again
          </Button>
        }
      />
    </div>
  )
}

type ComparedProps = {
  readonly columns: readonly Column[]
  readonly comparisons: readonly Comparison[]
  /** the order of the cells */
  readonly asked: readonly string[]
  /** an answer to the question before */
  readonly isStale: boolean
  readonly baseline: string | null
  readonly view: View
  readonly onlyDifferences: boolean
  readonly onBaseline: (id: string) => void
  readonly onOpenRun: (id: string) => void
}

function Compared(props: ComparedProps) {
  const { columns, comparisons, asked, isStale, view, onlyDifferences, ...rest } = props
  const known = useMirror((mirror) => mirror.colors)
  const looks = useMemo(() => runLooks(columns, known), [columns, known])
  const groups = useMemo(
    () =>
      compareGroups(
        comparisons,
        asked,
        columns.map(({ id }) => id),
      ),
    [comparisons, asked, columns],
  )
  if (comparisons.length === 0)
    return (
      <EmptyView
        icon={<GitCompareArrows />}
        title="Nothing was measured"
        text="None of these runs has a result yet. Wait for their ends, or choose others."
      />
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.page} tabIndex={0} aria-label="Comparison" aria-busy={isStale}>
      {adviceOn(columns, comparisons)}
      {view === 'figures' ? (
        <CompareTable
          columns={columns}
          groups={onlyDifferences ? onlyDiffering(groups) : groups}
          tallies={columns.map((_, index) => tallyOf(groups, index))}
          looks={looks}
          empty="No difference between these runs is more than noise."
          {...rest}
        />
      ) : (
        <CompareCharts columns={columns} looks={looks} />
      )}
    </section>
  )
}

/** The colours of the models where each run is of another; else of the runs. */
const runLooks = (columns: readonly Column[], known: ReadonlyMap<string, number>) => {
  const models = columns.map(({ run }) => run.benchmark.model)
  if (new Set(models).size < models.length) return looksOf(columns.map(({ id }) => id))
  const byModel = looksOf(models, known)
  return new Map(
    columns.flatMap(({ id, run }) => {
      const look = byModel.get(run.benchmark.model)
      return look === undefined ? [] : [[id, look] as const]
    }),
  )
}

const adviceOn = (columns: readonly Column[], comparisons: readonly Comparison[]): ReactNode =>
  columns.length === 1 ? (
    <p className={classes.advice} role="status">
      One run alone has nothing to be compared with. Select two or more runs in the list.
    </p>
  ) : hasCommon(comparisons) ? null : (
    <p className={classes.advice} role="status">
      These runs have no test in common, so no figure stands beside another. Repeat one with the settings of the other.
    </p>
  )
