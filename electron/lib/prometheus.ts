/** One line of a metric. Its value may be NaN or infinite, as the format allows. */
interface MetricSample {
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

/** By name as it is exposed: `requests_total`, `latency_seconds_bucket`, `latency_seconds_sum` … */
export type Metrics = ReadonlyMap<string, readonly MetricSample[]>

/** What a server of ours exposes is some hundred lines; one that exposes more is read so far. */
const maxSamples = 20_000
const maxLabels = 64
const maxTextLength = 1_000

const nameAndRest = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(.*)$/s
const label = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,|\})/y

/**
 * The Prometheus text format (and OpenMetrics, as far as it is the same): comments and types are skipped, so are lines that
 * are not a sample, because one odd line of a server must not hide the others.
 */
export const parseMetrics = (text: string): Metrics => {
  const metrics = new Map<string, MetricSample[]>()
  let samples = 0
  for (const line of text.split('\n')) {
    const parsed = parseLine(line.trim())
    if (parsed === null) continue
    const { name, ...sample } = parsed
    const known = metrics.get(name)
    if (known === undefined) metrics.set(name, [sample])
    else known.push(sample)
    if (++samples >= maxSamples) break
  }
  return metrics
}

const parseLine = (line: string): ({ readonly name: string } & MetricSample) | null => {
  if (line === '' || line.startsWith('#')) return null
  const [, name, rest = ''] = nameAndRest.exec(line) ?? []
  if (name === undefined || name.length > maxTextLength) return null
  const parsed = rest.startsWith('{') ? parseLabels(rest) : { labels: new Map<string, string>(), end: 0 }
  if (parsed === null) return null
  // a time stamp or an exemplar may follow
  const value = parseValue(rest.slice(parsed.end).trim().split(/\s+/, 1)[0] ?? '')
  return value === null ? null : { name, labels: parsed.labels, value }
}

/** `text` begins with `{`; `end` is after the `}`. */
const parseLabels = (text: string): { readonly labels: Map<string, string>; readonly end: number } | null => {
  const labels = new Map<string, string>()
  let at = 1
  while (labels.size <= maxLabels) {
    const empty = /\s*\}/y // no labels, or a comma after the last
    empty.lastIndex = at
    if (empty.test(text)) return { labels, end: empty.lastIndex }
    label.lastIndex = at
    const [, name, value = '', separator] = label.exec(text) ?? []
    if (name === undefined) return null
    labels.set(name, unescaped(value).slice(0, maxTextLength))
    at = label.lastIndex
    if (separator === '}') return { labels, end: at }
  }
  return null
}

const unescaped = (value: string): string =>
  value.replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))

const words: Readonly<Record<string, number>> = {
  '+inf': Number.POSITIVE_INFINITY,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
}

const parseValue = (text: string): number | null => {
  if (text.length > 100) return null
  if (/^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text)
  return words[text.toLowerCase()] ?? null
}

/**
 * All finite samples of the first of these names that has any, added up; null when none has. Several names are one metric
 * that was renamed.
 */
export const sumOf = (
  metrics: Metrics,
  names: readonly string[],
  matches: (labels: ReadonlyMap<string, string>) => boolean = () => true,
): number | null => {
  for (const name of names) {
    const values = (metrics.get(name) ?? [])
      .filter(({ labels, value }) => Number.isFinite(value) && matches(labels))
      .map(({ value }) => value)
    if (values.length > 0) return values.reduce((sum, value) => sum + value, 0)
  }
  return null
}
