import type { Fact } from '../../shared/contract/checks.ts'
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

function FactLine({ label, value, source }: Fact) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Copyable text={value} what={label} />
        <div className={classes.source}>{source}</div>
      </dd>
    </>
  )
}
