import { create } from 'zustand'
import type { BenchmarkId } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark } from '../../shared/contract/benchmarks.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { LoadOptions, Model } from '../../shared/contract/models.ts'

/** What the dialog for a new run begins with. */
export interface NewBenchmark {
  /** null: the person chooses */
  readonly model: ModelId | null
  /** as it is loaded now, or was then */
  readonly options?: LoadOptions
  /** the same once more */
  readonly like?: Benchmark
}

/** What is asked about benchmarks, one at a time. */
export type BenchmarkDialog =
  | ({ readonly dialog: 'new' } & NewBenchmark)
  | { readonly dialog: 'several'; readonly models: readonly ModelId[] }
  | { readonly dialog: 'remove'; readonly runs: readonly BenchmarkId[] }
  | { readonly dialog: 'compare'; readonly run: BenchmarkId }
  | { readonly dialog: 'import' }

export const useBenchmarkDialog = create<{ readonly open: BenchmarkDialog | null }>(() => ({ open: null }))
export const openBenchmarkDialog = (open: BenchmarkDialog): void => useBenchmarkDialog.setState({ open })
export const closeBenchmarkDialog = (): void => useBenchmarkDialog.setState({ open: null })

export const openNewBenchmark = (model: ModelId | null = null, more: Omit<NewBenchmark, 'model'> = {}): void =>
  openBenchmarkDialog({ dialog: 'new', model, ...more })

/** How many may be queued with one press. */
export const mostAtOnce = 50

/** One model as one chooses for it alone, several with the same preset. */
export const openBenchmarks = (models: readonly Model[]): void => {
  const [first, ...rest] = models
  if (first !== undefined && rest.length === 0) openNewBenchmark(first.model)
  else openBenchmarkDialog({ dialog: 'several', models: models.map(({ model }) => model) })
}

/** It can be asked something, so that it can be measured. */
export const canBenchmark = ({ verbs, stale }: Model): boolean => !stale && (verbs.chat || verbs.embed)
