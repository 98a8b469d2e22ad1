/** A row and the element it is drawn into. */
export interface DrawnRow {
  readonly id: string
  readonly key: number
}

/**
 * Rows that stay keep their elements; between two of these, new rows take the elements of rows that left. So a list that is
 * replaced is written into what stands there, at half of what new elements cost, and none is moved, which would take the
 * focus from what is in it.
 * @param before what was drawn last, in its order
 * @param ids what is to be drawn, in its order
 */
export const reuseKeys = (before: readonly DrawnRow[], ids: readonly string[]): readonly DrawnRow[] => {
  const wanted = new Set(ids)
  const places = new Map(before.map(({ id }, place) => [id, place]))
  let place = 0 // elements before it are taken or given up
  let fresh = before.reduce((highest, { key }) => Math.max(highest, key), -1) + 1
  const keyOf = (id: string): number => {
    const own = places.get(id) ?? -1
    if (own >= place) place = own
    const element = before[place]
    if (element === undefined || (element.id !== id && wanted.has(element.id))) return fresh++
    place += 1
    return element.key
  }
  return ids.map((id) => ({ id, key: keyOf(id) }))
}
