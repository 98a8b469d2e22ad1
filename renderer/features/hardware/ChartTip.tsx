import type { History } from '../../../shared/contract/hardware.ts'
import { colorOf } from '../../lib/colors.ts'
import { formatCelsius, formatMemory, formatPercent, formatWatts } from '../../lib/format.ts'
import classes from './HardwarePage.module.css'
import { otherBytes } from './timeline.ts'

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

type ChartTipProps = {
  readonly history: History
  readonly at: number
  readonly owners: readonly string[]
  readonly colors: ReadonlyMap<string, number>
}

/** The exact figures of one moment, and what was done then. */
export function ChartTip({ history, at, owners, colors }: ChartTipProps) {
  const point = history.points.find((each) => each.at === at)
  if (point === undefined) return null
  const other = otherBytes(point)
  const marks = history.marks.filter((mark) => Math.abs(mark.at - at) <= history.stepMs * 2)
  const rows: readonly (readonly [label: string, figure: string, color: string | null])[] = [
    ...owners
      .filter((owner) => point.owners[owner] !== undefined)
      .map((owner) => [owner, formatMemory(point.owners[owner]), colorOf(colors, owner)] as const),
    ['other programs', formatMemory(other), 'var(--berth-other)'],
    ['used together', formatMemory(point.usedBytes), null],
    ['busy', formatPercent(point.utilization), null],
    ...(point.temperatureCelsius === null
      ? []
      : [['temperature', formatCelsius(point.temperatureCelsius), null] as const]),
    ...(point.powerWatts === null ? [] : [['power', formatWatts(point.powerWatts), null] as const]),
  ]
  return (
    <div className={classes.tip}>
      <div className={classes.tipTime}>{moment.format(at)}</div>
      {rows.map(([label, figure, color]) => (
        <div key={label} className={classes.tipRow}>
          <span className={classes.swatch} style={{ background: color ?? 'none' }} aria-hidden />
          <span className={classes.tipLabel}>{label}</span>
          <span>{figure}</span>
        </div>
      ))}
      {marks.map((mark) => (
        <div key={`${mark.at} ${mark.label}`} className={classes.tipMark}>
          {mark.label}
        </div>
      ))}
    </div>
  )
}
