/** What stands for a figure that is not known; say why in a tooltip beside it. */
export const unknown = '–'

type Figure = number | null | undefined

const known = (value: Figure): value is number => typeof value === 'number' && Number.isFinite(value)
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** Three digits at most, so that columns stay narrow: 4.9, 49.2, 492. */
const short = (value: number): string => (Math.abs(value) < 99.95 ? value.toFixed(1) : grouped.format(value))

const diskUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes on a disk, in the decimal units of the field: `4.9 GB`. */
export const formatDisk = (bytes: Figure): string => {
  if (!known(bytes)) return unknown
  let value = bytes
  let unit = 0
  while (value >= 999.95 && unit < diskUnits.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? grouped.format(value) : short(value)} ${diskUnits[unit]}`
}

const gibibyte = 1024 ** 3

const gib = (bytes: number): string => {
  const value = bytes / gibibyte
  if (value !== 0 && Math.abs(value) < 0.005) return value > 0 ? '< 0.01' : '> −0.01'
  return Math.abs(value) < 0.995 ? value.toFixed(2) : value.toFixed(1)
}

/** Bytes of memory, always in GiB so that they can be compared: `5.8 GiB`, `0.04 GiB`. */
export const formatMemory = (bytes: Figure): string => (known(bytes) ? `${gib(bytes)} GiB` : unknown)

/** Marks a figure that was computed and not measured; `< 0.01 GiB` is no exact figure by itself. */
export const estimated = (text: string): string => (text === unknown || text.startsWith('<') ? text : `≈ ${text}`)

export const formatCount = (value: Figure): string => (known(value) ? grouped.format(value) : unknown)

export const formatTokens = (tokens: Figure): string =>
  known(tokens) ? `${grouped.format(tokens)} ${tokens === 1 ? 'token' : 'tokens'}` : unknown

export const formatSpeed = (tokensPerSecond: Figure): string =>
  known(tokensPerSecond) ? `${short(tokensPerSecond)} tok/s` : unknown

export const formatPercent = (fraction: Figure): string =>
  known(fraction) ? `${Math.round(fraction * 100)} %` : unknown

export const formatCelsius = (degrees: Figure): string => (known(degrees) ? `${Math.round(degrees)} °C` : unknown)

export const formatWatts = (watts: Figure): string =>
  known(watts) ? `${watts < 9.95 && watts > 0 ? watts.toFixed(1) : grouped.format(watts)} W` : unknown

/** Parameters of a model as people say them: `8.2 B`, `494 M`. */
export const formatParameters = (count: Figure): string => {
  if (!known(count)) return unknown
  if (count >= 999.5e6) return `${short(count / 1e9)} B`
  if (count >= 1e6) return `${short(count / 1e6)} M`
  if (count >= 1e3) return `${short(count / 1e3)} K`
  return String(count)
}

const dollars = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** US dollars, with two digits that count below a cent because an answer often costs less: `$12.40`, `$0.00042`, `< $0.000001`. */
export const formatUsd = (value: Figure): string => {
  if (!known(value)) return unknown
  const size = Math.abs(value)
  const sign = value < 0 ? '−' : ''
  if (size !== 0 && size < 0.000001) return `${sign}< $0.000001`
  return `${sign}$${size === 0 || size >= 0.01 ? dollars.format(size) : size.toPrecision(2)}`
}

/** How long something took or takes: `340 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export const formatDuration = (ms: Figure): string => {
  if (!known(ms)) return unknown
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(minutes / 60)
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`

/** One unit only, because it counts on its own: `just now`, `3 min ago`, `in 4 min`, `2 h ago`. */
export const formatRelative = (at: Figure, now: number): string => {
  if (!known(at)) return unknown
  const seconds = Math.round(Math.abs(now - at) / 1000)
  if (seconds < 5) return at > now ? 'in a moment' : 'just now'
  const text =
    seconds < 60
      ? `${seconds} s`
      : seconds < 3600
        ? `${Math.floor(seconds / 60)} min`
        : seconds < 86_400
          ? `${Math.floor(seconds / 3600)} h`
          : `${Math.floor(seconds / 86_400)} d`
  return at > now ? `in ${text}` : `${text} ago`
}

/** When something that failed is tried again: `Next attempt in 24 s.`; empty when it is not. */
export const nextAttempt = (at: Figure, now: number): string =>
  !known(at) ? '' : at > now ? `Next attempt ${formatRelative(at, now)}.` : 'It is being tried again.'

const sameDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const otherDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** The exact moment, for tooltips and columns: the time today, with the date on any other day. */
export const formatMoment = (at: Figure, now: number): string => {
  if (!known(at)) return unknown
  const today = new Date(at).toDateString() === new Date(now).toDateString()
  return (today ? sameDay : otherDay).format(at)
}
