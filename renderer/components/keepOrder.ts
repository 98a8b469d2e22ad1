export type Compare<Row> = (a: Row, b: Row) => number

/**
 * The order of a list that does not jump: rows that were there keep their places, gone ones leave, and new ones come in
 * where the comparison puts them among the others.
 */
export const keepOrder = <Row>(
  previous: readonly string[],
  rows: readonly Row[],
  idOf: (row: Row) => string,
  compare: Compare<Row>,
): readonly Row[] => {
  if (previous.length === 0) return [...rows].sort(compare)
  const byId = new Map(rows.map((row) => [idOf(row), row]))
  const kept: Row[] = []
  for (const id of previous) {
    const row = byId.get(id)
    if (row !== undefined && byId.delete(id)) kept.push(row)
  }
  if (byId.size === 0) return kept
  const fresh = [...byId.values()].sort(compare)
  const merged: Row[] = []
  let next = 0
  for (const row of kept) {
    for (let candidate = fresh[next]; candidate !== undefined && compare(candidate, row) < 0; candidate = fresh[next]) {
      merged.push(candidate)
      next += 1
    }
    merged.push(row)
  }
  return [...merged, ...fresh.slice(next)]
}

export type SortValue = string | number | null | undefined

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Unknown comes last, whichever way one sorts. */
export const compareValues = (a: SortValue, b: SortValue, descending: boolean): number => {
  const missing = Number(a === null || a === undefined) - Number(b === null || b === undefined)
  if (missing !== 0) return missing
  if (a === null || a === undefined || b === null || b === undefined) return 0
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
  return descending ? -order : order
}
