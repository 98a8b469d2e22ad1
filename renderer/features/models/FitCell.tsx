import { estimated, formatMemory, unknown } from '../../lib/format.ts'
import type { Fit } from './fitModel.ts'
import classes from './models.module.css'

const tip = (fit: Fit): string => {
  if (fit.fit === 'unknown') return fit.why
  if (fit.fit === 'no') return `${fit.where} would need ${estimated(formatMemory(fit.missingBytes))} more.`
  const left = `${estimated(formatMemory(fit.leftBytes))} would stay free on ${fit.where}.`
  return fit.fit === 'tight' && fit.spills ? `It does not fit the GPU alone and would be slow. ${left}` : left
}

/** yes, tight or no, with what stays free afterwards or how much is missing. */
export function FitCell({ fit }: { readonly fit: Fit }) {
  if (fit.fit === 'unknown') return <span title={tip(fit)}>{unknown}</span>
  return (
    <span className={classes.fit} title={tip(fit)}>
      <span className={classes.verdict} data-fit={fit.fit}>
        {fit.fit}
      </span>
      <span className={classes.dim}>
        {fit.fit === 'no' ? `${formatMemory(fit.missingBytes)} short` : `${formatMemory(fit.leftBytes)} left`}
      </span>
    </span>
  )
}
