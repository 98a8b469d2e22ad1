import { Tooltip } from '@mantine/core'
import type { Verdict } from '../../../shared/contract/checks.ts'
import classes from './files.module.css'
import { verdictLooks } from './looks.ts'
import { verdictMeanings, verdictWords } from './reportView.ts'

/** A verdict as icon, word and colour together. */
export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  const { Icon, tone } = verdictLooks[verdict]
  return (
    <Tooltip label={verdictMeanings[verdict]}>
      <span className={classes.verdict} style={{ color: tone }}>
        <Icon size={14} aria-hidden />
        {verdictWords[verdict]}
      </span>
    </Tooltip>
  )
}
