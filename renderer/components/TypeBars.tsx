import { formatCount, formatDisk, formatPercent } from '../lib/format.ts'
import classes from './sheet.module.css'

type TypeBarsProps = {
  readonly types: readonly { readonly type: string; readonly tensors: number; readonly bytes: number }[]
}

/** How many bytes a model has in each of something, largest first: tensor types, parts. */
export function TypeBars({ types }: TypeBarsProps) {
  const total = types.reduce((sum, { bytes }) => sum + bytes, 0)
  const bySize = [...types].sort((a, b) => b.bytes - a.bytes)
  return (
    <div className={classes.types}>
      {bySize.map(({ type, tensors, bytes }) => {
        const share = total === 0 ? 0 : bytes / total
        return (
          <div key={type} className={classes.typeRow}>
            <span>{type}</span>
            <span className={classes.bar} title={`${formatPercent(share)} of all tensor bytes`}>
              <span className={classes.barFill} style={{ width: `${share * 100}%` }} />
            </span>
            <span className={classes.number}>{formatDisk(bytes)}</span>
            <span className={classes.number}>
              {formatCount(tensors)} {tensors === 1 ? 'tensor' : 'tensors'}
            </span>
          </div>
        )
      })}
    </div>
  )
}
