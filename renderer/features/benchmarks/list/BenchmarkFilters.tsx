import { Select } from '@mantine/core'
import { useMemo } from 'react'
import type { BenchmarkKind } from '../../../../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkState } from '../../../../shared/contract/benchmarks.ts'
import { kindWords } from '../../../lib/benchmarks.ts'
import { type Models, modelsIn, type RunFilter } from './benchmarkList.ts'

type BenchmarkFiltersProps = {
  readonly runs: readonly Benchmark[]
  readonly models: Models
  readonly filter: RunFilter
  readonly onFilter: (filter: RunFilter) => void
}

const states: readonly BenchmarkState[] = ['queued', 'running', 'done', 'failed', 'cancelled']
const kinds: readonly BenchmarkKind[] = ['engine', 'serving', 'embedding']
const shared = { clearable: true, comboboxProps: { width: 220, position: 'bottom-start' } } as const
/** Of a list that may name thousands. */
const mostShown = 100

export function BenchmarkFilters({ runs, models, filter, onFilter }: BenchmarkFiltersProps) {
  const names = useMemo(() => modelsIn(runs, models), [runs, models])
  return (
    <>
      <Select
        {...shared}
        w={112}
        aria-label="Model"
        placeholder="Model"
        searchable
        limit={mostShown}
        nothingFoundMessage="No run of such a model"
        data={[...names]}
        value={filter.model}
        onChange={(model) => onFilter({ ...filter, model })}
      />
      <Select
        {...shared}
        w={92}
        aria-label="Kind"
        placeholder="Kind"
        data={kinds.map((value) => ({ value, label: kindWords[value] }))}
        value={filter.kind}
        onChange={(kind) => onFilter({ ...filter, kind: kinds.find((each) => each === kind) ?? null })}
      />
      <Select
        {...shared}
        w={92}
        aria-label="State"
        placeholder="State"
        data={[...states]}
        value={filter.state}
        onChange={(state) => onFilter({ ...filter, state: states.find((each) => each === state) ?? null })}
      />
    </>
  )
}
