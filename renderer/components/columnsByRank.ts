import type { Column } from './DataTable.tsx'

/** px at the left and right end of a row */
export const rowPaddingPx = 24

/**
 * Columns that are not in `rank` always stand there. The others come in this order, each from the width of the table at which it
 * fits beside all those before it, so that nothing is cut off.
 */
export const columnsByRank = <Of extends Pick<Column<never>, 'id' | 'width'>>(
  columns: readonly Of[],
  rank: readonly Of['id'][],
): readonly Of[] => {
  const widthOf = new Map<string, number>(columns.map(({ id, width }) => [id, width]))
  const always = columns.filter(({ id }) => !rank.includes(id))
  let width = always.reduce((sum, column) => sum + column.width, rowPaddingPx)
  const shownFrom = new Map<string, number>()
  for (const id of rank) {
    width += widthOf.get(id) ?? 0
    shownFrom.set(id, width)
  }
  return columns.map((column) => {
    const from = shownFrom.get(column.id)
    return from === undefined ? column : { ...column, shownFrom: from }
  })
}
