import { Button } from '@mantine/core'
import { ArrowLeft } from 'lucide-react'
import { type ComponentType, type ReactNode, Suspense } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import type { ModelId } from '../../../shared/contract/modelId.ts'
import { PageHeader } from '../../components/PageHeader.tsx'
import { canBenchmark, mostAtOnce, openBenchmarks, openNewBenchmark } from '../../lib/benchmarkDialogs.ts'
import { routes, useBenchmarkPlace } from '../../lib/routes.ts'
import { useMirror, useModel } from '../../lib/store.ts'
import classes from './benchmarks.module.css'
import { BenchmarkList } from './list/BenchmarkList.tsx'

type OpenRun = { readonly onOpenRun: (benchmark: string) => void }

/** What shows results as charts and comparisons. Loaded when it is wanted: charts weigh more than the rest. */
export interface BenchmarkCharts {
  readonly RunCharts: ComponentType<{ readonly run: BenchmarkWithResults }>
  readonly CompareView: ComponentType<OpenRun & { readonly ids: readonly string[]; readonly onClose: () => void }>
  readonly HistoryView: ComponentType<OpenRun & { readonly model: string; readonly onBenchmark: () => void }>
  readonly FastestView: ComponentType<OpenRun & { readonly onBenchmark: () => void }>
}

/** The runs, and what is made of several of them. */
export function BenchmarksPage({ charts }: { readonly charts: BenchmarkCharts }) {
  const place = useBenchmarkPlace()
  const [, navigate] = useHashLocation()
  const onOpenRun = (id: string) => navigate(routes.benchmark(id))
  const toList = () => navigate(routes.benchmarks)
  switch (place.show) {
    case 'list':
      return <BenchmarkList opened={null} charts={charts} />
    case 'run':
      return <BenchmarkList opened={place.id} charts={charts} />
    case 'compare':
      return (
        <Whole>
          <charts.CompareView ids={place.ids} onClose={toList} onOpenRun={onOpenRun} />
        </Whole>
      )
    case 'history':
      return <History model={place.model} charts={charts} onOpenRun={onOpenRun} />
    case 'fastest':
      return (
        <Whole>
          <PageHeader title="Fastest model" action={<ToList />} />
          <charts.FastestView onOpenRun={onOpenRun} onBenchmark={benchmarkAll} />
        </Whole>
      )
  }
}

/** Models of this machine and of servers that cost nothing. */
const benchmarkAll = (): void => {
  const models = [...useMirror.getState().models.values()].filter((each) => canBenchmark(each) && each.verbs.chat)
  const free = models.filter(({ price }) => price === null || price.free)
  if (free.length === 0) openNewBenchmark()
  else openBenchmarks(free.slice(0, mostAtOnce))
}

type HistoryProps = OpenRun & { readonly model: string; readonly charts: BenchmarkCharts }

function History({ model: id, charts, onOpenRun }: HistoryProps) {
  const model = useModel(id)
  return (
    <Whole>
      <PageHeader title={`History of ${model?.name ?? id}`} action={<ToList />} />
      <charts.HistoryView
        model={id}
        onOpenRun={onOpenRun}
        onBenchmark={() => openNewBenchmark(id as ModelId)} // the contract checks the name again
      />
    </Whole>
  )
}

function ToList() {
  const [, navigate] = useHashLocation()
  return (
    <Button variant="default" leftSection={<ArrowLeft size={14} />} onClick={() => navigate(routes.benchmarks)}>
      All runs
    </Button>
  )
}

function Whole({ children }: { readonly children: ReactNode }) {
  return (
    <div className={classes.page}>
      <Suspense fallback={null}>{children}</Suspense>
    </div>
  )
}
