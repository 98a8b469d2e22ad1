import type { ServiceLimits } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'

type Repetition = Extract<BenchmarkSample, { ms: number }>
type Request = Extract<BenchmarkSample, { endMs: number }>

/** Figures out of raw samples. `groups`: of which request each is; null: each stands for itself. */
export interface Figures {
  readonly values: ArrayLike<number>
  readonly groups: ArrayLike<number> | null
}

/** Of a load in time: enough of them to see how it changed, few enough for each to hold several answers. */
const mostWindows = 50
const mostPieces = 50_000

const alone = (values: ArrayLike<number>): Figures => ({ values, groups: null })

const repetitions = (samples: readonly BenchmarkSample[]): Repetition[] => samples.filter((sample) => 'ms' in sample)

const answered = (samples: readonly BenchmarkSample[]): Request[] =>
  samples.filter((sample) => 'endMs' in sample).filter(({ error }) => error === null)

const present = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null)

/** In the unit of the result. */
export const repetitionValues = (samples: readonly BenchmarkSample[]): Figures =>
  alone(repetitions(samples).map(({ value }) => value))

export const repetitionMs = (samples: readonly BenchmarkSample[]): Figures =>
  alone(repetitions(samples).map(({ ms }) => ms))

const ttftOf = ({ firstMs, plannedMs }: Request): number | null => (firstMs === null ? null : firstMs - plannedMs)

const tpotOf = ({ firstMs, pieceMs, outputTokens }: Request): number | null => {
  const [last, tokens] = [pieceMs.at(-1), outputTokens ?? pieceMs.length]
  // what comes in one piece does not tell how fast it was made
  if (firstMs === null || last === undefined || pieceMs.length < 2 || tokens < 2) return null
  return (last - firstMs) / (tokens - 1)
}

const e2eOf = ({ endMs, plannedMs }: Request): number => endMs - plannedMs

export const ttftMs = (samples: readonly BenchmarkSample[]): Figures => alone(present(answered(samples).map(ttftOf)))

export const tpotMs = (samples: readonly BenchmarkSample[]): Figures => alone(present(answered(samples).map(tpotOf)))

export const e2eMs = (samples: readonly BenchmarkSample[]): Figures => alone(answered(samples).map(e2eOf))

/** Of the pieces of all answers, each `strideOf`-th counts: half a million would hold up the rest. */
const strideOf = (requests: readonly Request[]): number =>
  Math.max(1, Math.ceil(requests.reduce((total, { pieceMs }) => total + pieceMs.length, 0) / mostPieces))

export const itlMs = (samples: readonly BenchmarkSample[]): Figures => {
  const requests = answered(samples)
  const stride = strideOf(requests)
  const values: number[] = []
  const groups: number[] = []
  requests.forEach(({ pieceMs }, request) => {
    // begins elsewhere in each answer, so that what repeats in them is not always missed
    for (let piece = 1 + (request % stride); piece < pieceMs.length; piece += stride) {
      values.push((pieceMs[piece] ?? 0) - (pieceMs[piece - 1] ?? 0))
      groups.push(request)
    }
  })
  return { values, groups }
}

/** So much of `amounts` fell into each of equal parts of the time from the first planned arrival to the last end, per second. */
const overTime = (
  samples: readonly BenchmarkSample[],
  amounts: (request: Request, add: (at: number, amount: number) => void) => void,
): Figures => {
  const all = samples.filter((sample) => 'endMs' in sample)
  const requests = all.filter(({ error }) => error === null)
  const from = all.reduce((least, { plannedMs }) => Math.min(least, plannedMs), Number.POSITIVE_INFINITY)
  const to = all.reduce((most, { endMs }) => Math.max(most, endMs), Number.NEGATIVE_INFINITY)
  const windows = new Float64Array(Math.min(mostWindows, requests.length))
  const windowMs = (to - from) / windows.length
  if (!(windowMs > 0)) return alone([])
  for (const request of requests)
    amounts(request, (at, amount) => {
      const window = Math.min(windows.length - 1, Math.max(0, Math.floor((at - from) / windowMs)))
      windows[window] = (windows[window] ?? 0) + (amount * 1000) / windowMs
    })
  return alone(windows)
}

/** Tokens/s over time: the throughput of a load is one figure, and has no samples of its own. */
export const tokensOverTime = (samples: readonly BenchmarkSample[]): Figures => {
  const stride = strideOf(answered(samples))
  return overTime(samples, ({ pieceMs, outputTokens, endMs }, add) => {
    if (pieceMs.length === 0) add(endMs, outputTokens ?? 0)
    const each = (outputTokens ?? pieceMs.length) / Math.ceil(pieceMs.length / stride)
    for (let piece = 0; piece < pieceMs.length; piece += stride) add(pieceMs[piece] ?? endMs, each)
  })
}

/** Milliseconds between two pieces. */
const longestPause = ({ pieceMs }: Request): number => {
  let longest = 0
  for (let piece = 1; piece < pieceMs.length; piece++)
    longest = Math.max(longest, (pieceMs[piece] ?? 0) - (pieceMs[piece - 1] ?? 0))
  return longest
}

const keeps = (request: Request, limits: ServiceLimits): boolean => {
  const under = (value: number | null, limit: number | undefined) => limit === undefined || (value ?? 0) <= limit
  return (
    under(ttftOf(request) ?? e2eOf(request), limits.ttftMs) &&
    under(tpotOf(request), limits.tpotMs) &&
    (limits.itlMs === undefined || longestPause(request) <= limits.itlMs) &&
    under(e2eOf(request), limits.e2eMs)
  )
}

/** Requests/s that kept the limits, over time. */
export const goodOverTime = (samples: readonly BenchmarkSample[], limits: ServiceLimits): Figures =>
  overTime(samples, (request, add) => {
    if (keeps(request, limits)) add(request.endMs, 1)
  })
