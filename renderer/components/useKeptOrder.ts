import { useMemo, useRef } from 'react'
import { type Compare, keepOrder } from './keepOrder.ts'

/**
 * Rows in the order of the screen: sorted when the person asks, kept in place while values change.
 * @param compare what the sort means, from what is known at the moment it is asked for
 */
export const useKeptOrder = <Row, Sort>(
  rows: readonly Row[],
  sort: Sort,
  idOf: (row: Row) => string,
  compare: (sort: Sort) => Compare<Row>,
): readonly Row[] => {
  const places = useRef<{ readonly sort: Sort | null; readonly ids: readonly string[] }>({ sort: null, ids: [] })
  const how = useRef({ idOf, compare })
  how.current = { idOf, compare }
  return useMemo(() => {
    const { idOf: id, compare: comparing } = how.current
    const kept = places.current.sort === sort ? places.current.ids : []
    const ordered = keepOrder(kept, rows, id, comparing(sort))
    places.current = { sort, ids: ordered.map(id) }
    return ordered
  }, [rows, sort])
}
