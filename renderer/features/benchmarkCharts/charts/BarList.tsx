import type { ReactNode } from 'react'
import classes from './charts.module.css'

export type Bar = {
  readonly id: string
  readonly name: ReactNode
  readonly value: number
  /** its 95 % interval */
  readonly interval: { readonly low: number; readonly high: number } | null
  /** with its unit */
  readonly figure: string
  readonly strong?: boolean
  readonly color?: string
}

type BarListProps = {
  readonly label: string
  readonly bars: readonly Bar[]
  /** what the whole width is; without it the longest bar */
  readonly most?: number
}

/** A few figures beside each other, from zero; each says itself in words. */
export function BarList({ label, bars, most: whole }: BarListProps) {
  const longest = Math.max(...bars.map(({ value, interval }) => Math.max(value, interval?.high ?? value)))
  const most = Math.max(whole ?? longest, Number.MIN_VALUE)
  const part = (value: number): string => `${Math.max(0, Math.min(100, (value / most) * 100))}%`
  return (
    <ul className={classes.bars} aria-label={label}>
      {bars.map(({ id, name, value, interval, figure, strong = false, color }) => (
        <li key={id} className={classes.barRow} data-strong={strong || undefined}>
          <span className={classes.barName}>{name}</span>
          <span className={classes.track} aria-hidden>
            <span className={classes.fill} style={{ width: part(value), background: color }} />
            {interval !== null && (
              <span
                className={classes.whisker}
                style={{ left: part(interval.low), right: `calc(100% - ${part(interval.high)})` }}
              />
            )}
          </span>
          <span className={classes.barFigure}>{figure}</span>
        </li>
      ))}
    </ul>
  )
}
