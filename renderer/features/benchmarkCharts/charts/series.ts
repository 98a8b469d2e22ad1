/** A point of a chart. `low` and `high`: its 95 % interval; null where there is none. */
export type Point = {
  readonly x: number
  readonly y: number
  readonly low: number | null
  readonly high: number | null
}

/** One line. `id` stays the same while its figures change: its colour and its shape hang on it. */
export type Series = { readonly id: string; readonly name: string; readonly points: readonly Point[] }

/** A level that a person set or that the machine has, drawn across. */
export type Limit = { readonly y: number; readonly name: string }

type Interval = { readonly low: number; readonly high: number } | null
export const point = (x: number, y: number, interval: Interval = null): Point => ({
  x,
  y,
  low: interval?.low ?? null,
  high: interval?.high ?? null,
})

/** A chart draws no more, whatever a run has: recharts loses frames beyond. */
export const mostPoints = 500

/** At most so many of them, evenly spread, the first and the last included. */
export const thin = <T>(items: readonly T[], most: number): readonly T[] => {
  if (items.length <= most || most < 2) return items.slice(0, Math.max(most, 0))
  const step = (items.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, index) => items[Math.round(index * step)]).filter(
    (item) => item !== undefined,
  )
}

/** All series at one place of the x axis. `undefined`: that series was not measured there. */
export type Row = { readonly x: number; readonly at: Readonly<Record<string, Point>> }

/** By x, ascending; within `mostPoints` points for all series together. */
export const rowsOf = (series: readonly Series[]): readonly Row[] => {
  const most = Math.max(2, Math.floor(mostPoints / Math.max(1, series.length)))
  const rows = new Map<number, Record<string, Point>>()
  for (const { id, points } of series)
    for (const each of thin(points, most)) {
      const row = rows.get(each.x) ?? {}
      row[id] = each
      rows.set(each.x, row)
    }
  return [...rows].sort(([a], [b]) => a - b).map(([x, at]) => ({ x, at }))
}

/** Where two points stand at one x, the higher: of several combinations the best one counts. Ascending by x. */
export const bestAtEach = (points: readonly Point[]): readonly Point[] => {
  const best = new Map<number, Point>()
  for (const each of points) {
    const known = best.get(each.x)
    if (known === undefined || each.y > known.y) best.set(each.x, each)
  }
  return [...best.values()].sort((a, b) => a.x - b.x)
}

/** Things of one kind under one key, in the order in which the keys first came. */
export const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
