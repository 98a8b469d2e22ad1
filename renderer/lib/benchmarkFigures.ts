import { formatMemory, unknown } from './format.ts'

/** Three digits that count: a difference of one percent can be seen, and more would be noise. */
const decimalsOf = (value: number): number => {
  const size = Math.abs(value)
  return size === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3
}

const fixed = (value: number, decimals: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })

const digits = (value: number): string => fixed(value, decimalsOf(value))

/** Words of the contract's units as the field writes them. */
const shortUnits: Readonly<Record<string, string>> = {
  'tokens/s': 'tok/s',
  'requests/s': 'req/s',
  'tokens/joule': 'tok/J',
  'tokens/J': 'tok/J',
}

const isMemory = (unit: string): boolean => unit === 'bytes' || unit === 'B'

/** From here on milliseconds are hard to read. */
const mostMs = 9999.5

/** A measured figure with its unit: `41.2 tok/s`, `8.40 ms`, `12.5 s`, `5.8 GiB`. */
export const formatMeasured = (value: number | null | undefined, unit: string): string => {
  if (value === null || value === undefined || !Number.isFinite(value)) return unknown
  if (isMemory(unit)) return formatMemory(value)
  if (unit === 'ms' && Math.abs(value) >= mostMs) return `${digits(value / 1000)} s`
  return `${digits(value)} ${shortUnits[unit] ?? unit}`
}

export const formatMs = (ms: number | null | undefined): string => formatMeasured(ms, 'ms')

/** As many decimals as its value has; one more where it would else read as zero. */
const spreadDigits = (half: number, value: number): string => {
  const decimals = decimalsOf(value)
  return fixed(half, half !== 0 && half < 0.5 * 10 ** -decimals ? decimals + 1 : decimals)
}

/** Half the width of an interval beside its value: `± 0.4`, in the unit of the value; null where there is none. */
export const formatSpread = (
  value: number,
  interval: { readonly low: number; readonly high: number } | null,
  unit: string,
): string | null => {
  if (interval === null) return null
  const half = Math.max(interval.high - value, value - interval.low)
  if (isMemory(unit)) return `± ${formatMemory(half)}`
  const isSeconds = unit === 'ms' && Math.abs(value) >= mostMs
  return `± ${isSeconds ? spreadDigits(half / 1000, value / 1000) : spreadDigits(half, value)}`
}

/** The interval itself: `11.0 tok/s – 12.5 tok/s`. Student’s t may reach below zero, which no figure of ours does. */
export const formatInterval = ({ low, high }: { readonly low: number; readonly high: number }, unit: string): string =>
  `${formatMeasured(Math.max(0, low), unit)} – ${formatMeasured(high, unit)}`
