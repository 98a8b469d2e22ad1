import { ChevronRight } from 'lucide-react'
import type { Check } from '../../../shared/contract/checks.ts'
import { Copyable, CopyButton } from '../../components/CopyButton.tsx'
import { formatCount } from '../../lib/format.ts'
import type { RungResult } from '../../lib/validations.ts'
import classes from './files.module.css'
import { outcomeLooks } from './looks.ts'
import { checkText, countIssues, evidenceLines, rungWords, worstOf } from './reportView.ts'

/** One thing that was found, with what to do about it and, folded, where it was seen. */
export function CheckItem({ check }: { readonly check: Check }) {
  const { outcome, message, advice, evidence, code } = check
  const { Icon, tone } = outcomeLooks[outcome]
  return (
    <li className={classes.check}>
      <Icon size={16} color={tone} role="img" aria-label={outcome} />
      <div>
        <div>{message}</div>
        {advice !== null && <div className={classes.dim}>{advice}</div>}
        <details className={classes.evidence}>
          <summary>{evidence === null ? 'Details' : 'Evidence'}</summary>
          <dl>
            <dt>Check</dt>
            <dd>
              <Copyable text={code} what="code" />
            </dd>
            {(evidence === null ? [] : evidenceLines(evidence)).map(([label, value]) => (
              <Line key={label} label={label} value={value} />
            ))}
          </dl>
          <CopyButton text={checkText(check)} what="all of it" />
        </details>
      </div>
    </li>
  )
}

function Line({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Copyable text={value} what={label.toLowerCase()}>
          <span className={classes.code}>{value}</span>
        </Copyable>
      </dd>
    </>
  )
}

/** Rung by rung, with what passed folded away: it is there for who wants to know. */
export function RungGroups({ rungs }: { readonly rungs: readonly RungResult[] }) {
  return rungs.map(({ rung, checks }) => {
    const passed = checks.filter(({ outcome }) => outcome === 'passed')
    const { Icon, tone } = outcomeLooks[worstOf(checks)]
    const figures = [countIssues(checks), passed.length === 0 ? '' : `${formatCount(passed.length)} passed`]
    return (
      <details key={rung} className={classes.rungGroup}>
        <summary>
          <ChevronRight size={14} className={classes.chevron} aria-hidden />
          <Icon size={16} color={tone} aria-hidden />
          <span>{rungWords[rung]}</span>
          <span className={classes.dim}>{figures.filter(Boolean).join(', ')}</span>
        </summary>
        <ul className={classes.passed}>
          {checks.map(({ outcome, message }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes; two checks can be equal
            <li key={index}>{outcome === 'passed' ? message : `${message} (see the findings)`}</li>
          ))}
        </ul>
      </details>
    )
  })
}
