/** What was measured, in the order of the runs. */
export type Samples = readonly number[]

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** `ratio`: ours to the peer's. `value`: ours alone, in the unit of the row. */
export interface Limit {
  readonly of: 'ratio' | 'value'
  readonly is: 'at most' | 'at least'
  readonly limit: number
}

/** Someone else who does the same, measured in the same run – or why that could not be. */
export type Peer =
  | { readonly name: string; readonly version: string; readonly samples: Samples }
  | { readonly absent: string }

export interface Figure {
  readonly name: string
  readonly unit: string
  readonly limit: Limit
  /** or why it cannot be measured here */
  readonly ours: Samples | { readonly absent: string }
  /** only for a limit on the ratio */
  readonly peer?: Peer
  readonly note?: string
}

export interface Row {
  readonly name: string
  readonly unit: string
  readonly ours: (Spread & { readonly runs: number }) | null
  readonly peer: (Spread & { readonly name: string; readonly version: string }) | null
  readonly ratio: number | null
  readonly limit: string
  /** null: it could not be judged, and `note` says why */
  readonly met: boolean | null
  readonly note: string
}

export const atMost = (limit: number): Limit => ({ of: 'value', is: 'at most', limit })
export const atLeast = (limit: number): Limit => ({ of: 'value', is: 'at least', limit })
export const ratioAtMost = (limit: number): Limit => ({ of: 'ratio', is: 'at most', limit })
export const ratioAtLeast = (limit: number): Limit => ({ of: 'ratio', is: 'at least', limit })

/** @throws RangeError without samples */
export const spread = (samples: Samples): Spread => {
  const sorted = [...samples].sort((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) throw new RangeError('nothing was measured')
  return { min, median: percentile(sorted, 0.5), max }
}

/** Between the two nearest samples by distance, as most statistics programs do it. */
export const percentile = (samples: Samples, fraction: number): number => {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = fraction * (sorted.length - 1)
  const below = sorted[Math.floor(at)]
  const above = sorted[Math.ceil(at)]
  if (below === undefined || above === undefined) throw new RangeError('nothing was measured')
  return below + (above - below) * (at - Math.floor(at))
}

/** A ratio is that of the medians. A limit without a peer is a promise: the worst run must keep it. */
export const judge = ({ name, unit, limit, ours, peer, note = '' }: Figure): Row => {
  const text = limitText(limit, unit)
  const unjudged = (why: string) => ({ name, unit, ratio: null, limit: text, met: null, note: joined(why, note) })
  if ('absent' in ours) return { ...unjudged(ours.absent), ours: null, peer: null }
  const own = { ...spread(ours), runs: ours.length }
  if (limit.of === 'value') {
    const worst = limit.is === 'at most' ? own.max : own.min
    return { name, unit, ours: own, peer: null, ratio: null, limit: text, met: keeps(limit, worst), note }
  }
  if (peer === undefined || 'absent' in peer)
    return { ...unjudged(peer?.absent ?? 'there is nothing to compare it with'), ours: own, peer: null }
  const theirs = spread(peer.samples)
  const ratio = own.median / theirs.median
  return {
    name,
    unit,
    ours: own,
    peer: { name: peer.name, version: peer.version, ...theirs },
    ratio,
    limit: text,
    met: keeps(limit, ratio),
    note,
  }
}

const joined = (...parts: string[]): string => parts.filter((part) => part !== '').join('; ')

const keeps = ({ is, limit }: Limit, value: number): boolean => (is === 'at most' ? value <= limit : value >= limit)

const limitText = ({ of, is, limit }: Limit, unit: string): string =>
  `${is === 'at most' ? '≤' : '≥'} ${limit}${of === 'ratio' ? '×' : ` ${unit}`}`

const verdicts = { true: 'met', false: 'NOT MET', null: '?' } as const

/** Three figures are all that such a measurement is good for. */
const short = (value: number): string =>
  value === 0 ? '0' : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)

const spreadText = (values: Spread | null): string =>
  values === null
    ? '–'
    : values.min === values.max
      ? short(values.median)
      : `${short(values.median)} (${short(values.min)}–${short(values.max)})`

/** Rows as text, with notes below the row they belong to. Values are medians with the smallest and largest. */
export const formatTable = (rows: readonly Row[]): string => {
  const head = ['', 'unit', 'ours', 'peer', '', 'ratio', 'limit', '']
  const cells = rows.map((row) => [
    row.name,
    row.unit,
    spreadText(row.ours),
    spreadText(row.peer),
    row.peer === null ? '' : `${row.peer.name} ${row.peer.version}`,
    row.ratio === null ? '' : `${short(row.ratio)}×`,
    row.limit,
    verdicts[`${row.met}`],
  ])
  const widths = head.map((title, column) =>
    Math.max(...[head, ...cells].map((line) => (line[column] ?? title).length)),
  )
  const print = (line: readonly string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    print(head),
    ...rows.flatMap(({ note }, n) => [print(cells[n] ?? []), ...(note === '' ? [] : [`    ${note}`])]),
  ]
    .join('\n')
    .concat('\n')
}
