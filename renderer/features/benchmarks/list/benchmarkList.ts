import type { BenchmarkKind } from '../../../../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkState } from '../../../../shared/contract/benchmarks.ts'
import type { Model } from '../../../../shared/contract/models.ts'
import { type Compare, compareValues, type SortValue } from '../../../components/keepOrder.ts'
import type { Tone } from '../../../components/StateBadge.tsx'
import { formatMeasured } from '../../../lib/benchmarkFigures.ts'
import { kindWords, settingsWord } from '../../../lib/benchmarks.ts'
import { unknown } from '../../../lib/format.ts'

export type Models = ReadonlyMap<string, Model>

/** What a person calls the model: as it is listed now, else as it was called when it was measured. */
export const modelNameOf = ({ model, record }: Benchmark, models: Models): string =>
  models.get(model)?.name ?? record?.model.name ?? model

export interface RunFilter {
  readonly search: string
  readonly kind: BenchmarkKind | null
  readonly state: BenchmarkState | null
  readonly model: string | null
}
export const noFilter: RunFilter = { search: '', kind: null, state: null, model: null }

const haystackOf = (run: Benchmark, models: Models): string =>
  [
    run.model,
    modelNameOf(run, models),
    run.label,
    kindWords[run.kind],
    settingsWord(run),
    run.record?.model.quantization,
    run.record?.provider.name,
    run.record?.provider.version,
  ]
    .filter(Boolean)
    .join('\n')
    .toLowerCase()

/** Every word of the search stands somewhere in the model, the label, the kind, the preset, the quantisation or the provider. */
export const filterRuns = (runs: readonly Benchmark[], filter: RunFilter, models: Models): readonly Benchmark[] => {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean)
  return runs.filter((run) => {
    if (filter.kind !== null && run.kind !== filter.kind) return false
    if (filter.state !== null && run.state !== filter.state) return false
    if (filter.model !== null && run.model !== filter.model) return false
    if (words.length === 0) return true
    const haystack = haystackOf(run, models)
    return words.every((word) => haystack.includes(word))
  })
}

/** The models that were measured, by the names people know, each once. */
export const modelsIn = (
  runs: readonly Benchmark[],
  models: Models,
): readonly { readonly value: string; readonly label: string }[] => {
  const names = new Map<string, string>()
  for (const run of runs) if (!names.has(run.model)) names.set(run.model, modelNameOf(run, models))
  const twice = new Set<string>()
  const seen = new Set<string>()
  for (const name of names.values()) if (seen.size === seen.add(name).size) twice.add(name)
  return [...names]
    .map(([value, name]) => ({ value, label: twice.has(name) ? `${name} (${value})` : name }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en'))
}

export type RunColumn =
  | 'when'
  | 'model'
  | 'kind'
  | 'settings'
  | 'prompt'
  | 'generation'
  | 'ttft'
  | 'throughput'
  | 'memory'
  | 'disturbed'
  | 'state'
export interface RunSort {
  readonly column: RunColumn
  readonly descending: boolean
}
export const newestFirst: RunSort = { column: 'when', descending: true }

/** Of all requests together, or of all texts: what one machine gets done. */
const throughputOf = ({ headline }: Benchmark): number | null => headline.throughput ?? headline.textsPerSecond

/** With its unit, because one column holds both. */
export const throughputText = ({ headline }: Benchmark): string =>
  headline.throughput !== null
    ? formatMeasured(headline.throughput, 'tokens/s')
    : headline.textsPerSecond !== null
      ? formatMeasured(headline.textsPerSecond, 'texts/s')
      : unknown

const stateRank: Readonly<Record<BenchmarkState, number>> = { running: 0, queued: 1, done: 2, cancelled: 3, failed: 4 }

export const compareRuns = (sort: RunSort, models: Models): Compare<Benchmark> => {
  const values: Record<RunColumn, (run: Benchmark) => SortValue> = {
    when: ({ createdAt }) => createdAt,
    model: (run) => modelNameOf(run, models),
    kind: ({ kind }) => kindWords[kind],
    settings: (run) => settingsWord(run),
    prompt: ({ headline }) => headline.promptTokensPerSecond,
    generation: ({ headline }) => headline.tokensPerSecond,
    ttft: ({ headline }) => headline.ttftMs,
    throughput: throughputOf,
    memory: ({ headline }) => headline.peakBytes,
    disturbed: ({ disturbances }) => disturbances.length,
    state: ({ state }) => stateRank[state],
  }
  const value = values[sort.column]
  return (a, b) =>
    compareValues(value(a), value(b), sort.descending) ||
    b.createdAt - a.createdAt ||
    compareValues(a.benchmark, b.benchmark, false)
}

const tones: Readonly<Record<BenchmarkState, Tone>> = {
  queued: 'unloaded',
  running: 'loading',
  done: 'loaded',
  failed: 'failed',
  cancelled: 'unloaded',
}
export const stateTone = ({ state }: Pick<Benchmark, 'state'>): Tone => tones[state]

const disturbanceWords: Readonly<Record<Benchmark['disturbances'][number]['kind'], string>> = {
  load: 'busy',
  memory: 'low memory',
  heat: 'heat',
  battery: 'battery',
  models: 'other models',
  unmeasured: 'not all measured',
}
/** What disturbed, each kind once: `busy, battery`; null when nothing did. */
export const disturbedText = ({ disturbances }: Pick<Benchmark, 'disturbances'>): string | null =>
  disturbances.length === 0 ? null : [...new Set(disturbances.map(({ kind }) => disturbanceWords[kind]))].join(', ')
