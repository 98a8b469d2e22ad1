import { ChevronsDown, ChevronsUp, CircleHelp, EqualApproximately } from 'lucide-react'
import classes from './compare/compare.module.css'
import { type Change, type Metric, type Verdict, verdictText, verdictTip } from './verdict.ts'

const icons = { better: ChevronsUp, worse: ChevronsDown, noise: EqualApproximately, unknown: CircleHelp } as const

/** An icon, never alone, for what a difference is worth. */
export function VerdictIcon({ verdict }: { readonly verdict: Verdict }) {
  const Icon = icons[verdict]
  return <Icon size={14} aria-label={verdict === 'better' || verdict === 'worse' ? verdict : undefined} />
}

type VerdictLineProps = { readonly metric: Metric; readonly change: Change }

export function VerdictLine({ metric, change }: VerdictLineProps) {
  return (
    <span className={classes.verdict} data-verdict={change.verdict} title={verdictTip(metric, change)}>
      <VerdictIcon verdict={change.verdict} />
      {verdictText(metric, change)}
    </span>
  )
}
