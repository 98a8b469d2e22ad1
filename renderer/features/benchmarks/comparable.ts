import type { Benchmark } from '../../../shared/contract/benchmarks.ts'
import { kindWords, settingsWord } from '../../lib/benchmarks.ts'
import { formatMoment } from '../../lib/format.ts'
import { type Models, modelNameOf } from './list/benchmarkList.ts'

/** Other runs that measured something: of the same kind first, then of the same model, then the newest. */
export const comparable = (runs: readonly Benchmark[], id: string): readonly Benchmark[] => {
  const run = runs.find(({ benchmark }) => benchmark === id)
  const distance = ({ kind, model }: Benchmark): number => (kind === run?.kind ? 0 : 2) + (model === run?.model ? 0 : 1)
  return runs
    .filter(({ benchmark, headline }) => benchmark !== id && headline.results > 0)
    .sort((a, b) => distance(a) - distance(b) || b.createdAt - a.createdAt)
}

/** `Qwen3 8B · Engine, Quick · 10:42:07 · after the new driver` */
export const runTitle = (run: Benchmark, models: Models, now: number): string =>
  [
    modelNameOf(run, models),
    `${kindWords[run.kind]}, ${settingsWord(run)}`,
    formatMoment(run.createdAt, now),
    run.label,
  ]
    .filter(Boolean)
    .join(' · ')
