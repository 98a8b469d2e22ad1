import type { BenchmarkPlan } from '../../../../shared/contract/benchmarks.ts'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { formatCount } from '../../../lib/format.ts'
import classes from '../benchmarks.module.css'
import { timeWords } from './planWords.ts'
import type { PlanAnswer } from './usePlan.ts'

const isTimeKnown = ({ estimatedSeconds, budgetSeconds }: BenchmarkPlan): boolean =>
  estimatedSeconds !== null || budgetSeconds !== null

type PlanLineProps = {
  readonly answer: PlanAnswer
  /** something is missing or wrong in the form, which its field says */
  readonly isIncomplete: boolean
}

/** What the run would do, in one line. */
export function PlanLine({ answer: { state, plan, failure }, isIncomplete }: PlanLineProps) {
  if (failure !== null) return <ErrorView title="It cannot be measured so" failure={failure} />
  if (isIncomplete || state === 'nothing') return null
  if (plan === null)
    return (
      <p className={classes.hint} role="status">
        Asking how long it takes…
      </p>
    )
  return (
    <p className={classes.planLine} role="status">
      {formatCount(plan.tests)} {plan.tests === 1 ? 'test' : 'tests'}
      {isTimeKnown(plan) ? `, ${timeWords(plan)}.` : '; how long that takes is not known yet.'}
    </p>
  )
}

/** What a person should know before. */
export function PlanNotes({ plan }: { readonly plan: BenchmarkPlan | null }) {
  if (plan === null || plan.notes.length === 0) return null
  return (
    <ul className={classes.planNotes} aria-label="Before it is started">
      {plan.notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  )
}
