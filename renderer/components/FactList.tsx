import type { Fact } from '../../shared/contract/checks.ts'
import { formatMoment } from '../lib/format.ts'
import { Copyable } from './CopyButton.tsx'
import classes from './sheet.module.css'

/** Facts, each with where it was read. */
export function FactList({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(({ label, value, source }) => (
        <FactLine key={`${label} ${source}`} label={label} value={value} source={source} />
      ))}
    </dl>
  )
}

/** A moment as programs write it becomes one as people read it; anything else stays as it was read. */
const shownValue = (value: string): string => {
  const at = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? value : formatMoment(at, Date.now())
}

function FactLine({ label, value, source }: Fact) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Copyable text={value} what={label}>
          {shownValue(value)}
        </Copyable>
        <div className={classes.source}>{source}</div>
      </dd>
    </>
  )
}
