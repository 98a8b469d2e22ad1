/** Steps of 1, 2 or 5 by powers of ten. */
const niceStep = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough))
  const part = rough / power
  return (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10) * power
}

/** Round figures that hold `low` to `high` between the first and the last of them; about `count`. */
export const niceTicks = (low: number, high: number, count = 5): readonly number[] => {
  const span = high - low
  if (!Number.isFinite(span) || span <= 0)
    return low === 0 ? [0, 1] : niceTicks(Math.min(0, low), Math.max(0, low), count)
  const step = niceStep(span / Math.max(1, count - 1))
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  // multiplied, not added up: sums of 0.1 are not round
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}

/** From zero: lengths can be compared. */
export const ticksFromZero = (values: readonly number[], count = 5): readonly number[] =>
  niceTicks(0, Math.max(0, ...values.filter(Number.isFinite)), count)

/** What a change over time needs: close to the values, yet never so close that a change of a percent looks like a fall. */
export const closeTicks = (values: readonly number[], count = 4): readonly number[] => {
  const known = values.filter(Number.isFinite)
  if (known.length === 0) return [0, 1]
  const low = Math.min(...known)
  const high = Math.max(...known)
  const middle = (low + high) / 2
  const half = Math.max((high - low) / 2, Math.abs(middle) * 0.1)
  return niceTicks(Math.max(0, middle - half * 1.1), middle + half * 1.1, count)
}

/** Doubling steps need a doubling axis; steps of one kind need none. All above zero. */
export const wantsLog = (values: readonly number[]): boolean => {
  const least = Math.min(...values)
  return values.length > 2 && least > 0 && Math.max(...values) / least >= 8
}

const logSteps = [1, 2, 5]

/** 1, 2, 5, 10 … that hold the values between them, no more than eight. */
export const logTicks = (low: number, high: number): readonly number[] => {
  if (!(low > 0) || !(high >= low)) return []
  const from = Math.floor(Math.log10(low))
  const to = Math.ceil(Math.log10(high))
  const all: number[] = []
  for (let power = from; power <= to; power += 1)
    for (const step of logSteps) all.push(Number((step * 10 ** power).toPrecision(6)))
  const first = Math.max(
    0,
    all.findLastIndex((tick) => tick <= low * (1 + 1e-9)),
  )
  const end = all.findIndex((tick) => tick >= high * (1 - 1e-9))
  const within = all.slice(first, (end < 0 ? all.length - 1 : end) + 1)
  if (within.length <= 8) return within
  // the decades, and the ends that hold the values
  return within.filter((tick, index) => index === 0 || index === within.length - 1 || Math.log10(tick) % 1 === 0)
}

/** For an axis, where the unit stands in the heading: `1,200`, `0.5`, `12k`. */
export const tickText = (value: number): string =>
  Math.abs(value) >= 100_000
    ? `${Number((value / 1000).toPrecision(4)).toLocaleString('en-US')}k`
    : value.toLocaleString('en-US', { maximumSignificantDigits: 4 })

/** Tokens on an axis, where `16,384` does not fit: `512`, `4k`, `16k`; what is no whole k is written out. */
export const tokenTick = (tokens: number): string =>
  tokens >= 1024 && tokens % 1024 === 0 ? `${tokens / 1024}k` : tokens.toLocaleString('en-US')

/** At most so many moments that are evenly spread from the first to the last. */
export const timeTicks = (first: number, last: number, count = 4): readonly number[] =>
  last <= first ? [first] : Array.from({ length: count }, (_, index) => first + ((last - first) * index) / (count - 1))
