import { formatMeasured, formatSpread } from '../../../lib/benchmarkFigures.ts'
import { unknown } from '../../../lib/format.ts'
import type { Look } from '../charts/looks.ts'
import { VerdictLine } from '../VerdictLine.tsx'
import { ColumnHead } from './ColumnHead.tsx'
import classes from './compare.module.css'
import {
  type Column,
  type CompareCell,
  type CompareGroup,
  type CompareRow,
  rowWords,
  type Tally,
} from './compareRows.ts'

type CompareTableProps = {
  readonly columns: readonly Column[]
  readonly groups: readonly CompareGroup[]
  /** in the order of the columns */
  readonly tallies: readonly Tally[]
  readonly looks: ReadonlyMap<string, Look>
  readonly baseline: string | null
  readonly onBaseline: (id: string) => void
  readonly onOpenRun: (id: string) => void
  /** what stands where no row is */
  readonly empty: string
}

/** Figures of runs side by side, grouped by test. */
export function CompareTable({
  columns,
  groups,
  tallies,
  looks,
  baseline,
  onBaseline,
  onOpenRun,
  empty,
}: CompareTableProps) {
  return (
    <>
      <table className={classes.table} aria-label="Figures side by side">
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              Test
            </th>
            {columns.map((column, index) => (
              <ColumnHead
                key={column.id}
                column={column}
                look={looks.get(column.id)}
                tally={tallies[index]}
                isBaseline={column.id === baseline}
                onBaseline={onBaseline}
                onOpenRun={onOpenRun}
              />
            ))}
          </tr>
        </thead>
        {groups.map((group) => (
          <GroupRows key={group.title} group={group} columns={columns} baseline={baseline} />
        ))}
      </table>
      {groups.length === 0 && <p className={classes.nothing}>{empty}</p>}
    </>
  )
}

type GroupRowsProps = {
  readonly group: CompareGroup
  readonly columns: readonly Column[]
  readonly baseline: string | null
}

function GroupRows({ group: { title, rows }, columns, baseline }: GroupRowsProps) {
  return (
    <tbody>
      <tr>
        <th colSpan={columns.length + 1} scope="colgroup" className={classes.group}>
          <span className={classes.groupTitle}>{title}</span>
        </th>
      </tr>
      {rows.map((row) => (
        <tr key={row.id} className={classes.row}>
          <th scope="row" className={classes.rowHead}>
            {rowWords(row.comparison, title)}
          </th>
          {columns.map(({ id }, index) => (
            <Cell key={id} row={row} cell={row.cells[index] ?? null} isBaseline={id === baseline} />
          ))}
        </tr>
      ))}
    </tbody>
  )
}

type CellProps = { readonly row: CompareRow; readonly cell: CompareCell; readonly isBaseline: boolean }

function Cell({ row: { comparison, cells }, cell, isBaseline }: CellProps) {
  const { metric, unit } = comparison
  if (cell === null)
    return (
      <td className={classes.dim} data-baseline={isBaseline || undefined} title="This run did not measure it.">
        {unknown}
      </td>
    )
  const spread = formatSpread(cell.value, cell.interval, unit)
  const isAlone = cells.filter((each) => each !== null).length < 2
  return (
    <td data-baseline={isBaseline || undefined}>
      <div className={classes.figure}>
        {formatMeasured(cell.value, unit)}
        {spread !== null && <span className={classes.dim}> {spread}</span>}
      </div>
      {cells.length === 1 ? null : cell.change !== null ? (
        <VerdictLine metric={metric} change={cell.change} />
      ) : (
        <span className={classes.small}>
          {isAlone ? 'only here' : isBaseline ? 'baseline' : 'baseline of this row'}
        </span>
      )}
    </td>
  )
}
