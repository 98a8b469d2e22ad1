import type { Percentiles } from '../../../../shared/contract/benchmarkResults.ts'
import { Figure } from '../../../components/Figure.tsx'
import { formatMs } from '../../../lib/benchmarkFigures.ts'
import { formatCount } from '../../../lib/format.ts'
import classes from '../benchmarks.module.css'

const columns = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const

type PercentileTableProps = {
  readonly rows: readonly { readonly id: number; readonly name: string; readonly percentiles: Percentiles }[]
}

/** Milliseconds between the two nearest samples by their distance. */
export function PercentileTable({ rows }: PercentileTableProps) {
  return (
    <div className={classes.scrollX}>
      <table className={classes.figures}>
        <thead>
          <tr>
            <th scope="col">Load</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            <th scope="col">Samples</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, name, percentiles }) => (
            <tr key={id}>
              <th scope="row">{name}</th>
              {columns.map((column) => (
                <td key={column}>
                  <Figure text={formatMs(percentiles[column])} why="There was no sample." />
                </td>
              ))}
              <td>{formatCount(percentiles.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
