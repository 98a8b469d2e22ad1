import { Button } from '@mantine/core'
import { Gauge, SearchX } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useMemo, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { DataTable } from '../../../components/DataTable.tsx'
import { EmptyView } from '../../../components/EmptyView.tsx'
import { PageHeader } from '../../../components/PageHeader.tsx'
import type { Point } from '../../../components/PointMenu.tsx'
import { chooseRow, keepVisible, noSelection } from '../../../components/rowSelection.ts'
import { useKeptOrder } from '../../../components/useKeptOrder.ts'
import { runWord } from '../../../lib/benchmarkActions.ts'
import { openBenchmarkDialog, openNewBenchmark } from '../../../lib/benchmarkDialogs.ts'
import { isUnderWay } from '../../../lib/benchmarks.ts'
import { formatCount } from '../../../lib/format.ts'
import { routes } from '../../../lib/routes.ts'
import { useBenchmarks, useMirror } from '../../../lib/store.ts'
import classes from '../benchmarks.module.css'
import { HeaderActions } from '../HeaderActions.tsx'
import { RunMenu } from '../RunMenu.tsx'
import { RunPanel, type RunPanelProps } from '../run/RunPanel.tsx'
import { BenchmarkFilters } from './BenchmarkFilters.tsx'
import { benchmarkColumns } from './benchmarkColumns.tsx'
import { compareRuns, filterRuns, newestFirst, noFilter, type RunColumn } from './benchmarkList.ts'
import { RunRowActions } from './RunRowActions.tsx'
import { RunSelectionBar } from './RunSelectionBar.tsx'

const idOf = ({ benchmark }: Benchmark): string => benchmark
/** Figures are looked at from the largest down, words from A. */
const startsAscending: readonly string[] = ['model', 'kind', 'settings', 'ttft', 'state']

const compareNow = (sort: typeof newestFirst) => compareRuns(sort, useMirror.getState().models)

type BenchmarkListProps = { readonly opened: string | null; readonly charts: RunPanelProps['charts'] }

/** Every run, and at the right the one that is opened. */
export function BenchmarkList({ opened, charts }: BenchmarkListProps) {
  const runs = useDeferredValue(useBenchmarks())
  const [, navigate] = useHashLocation()
  const panel =
    opened === null ? null : (
      <RunPanel key={opened} id={opened} charts={charts} onClose={() => navigate(routes.benchmarks)} />
    )
  return (
    <div className={classes.page}>
      {runs.length === 0 ? <NoRuns panel={panel} /> : <Runs runs={runs} opened={opened} panel={panel} />}
    </div>
  )
}

function NoRuns({ panel }: { readonly panel: ReactNode }) {
  return (
    <>
      <PageHeader title="Benchmarks" action={<HeaderActions isEmpty />} />
      <div className={classes.split}>
        <EmptyView
          icon={<Gauge />}
          title="Nothing was measured yet"
          text="A benchmark tells how fast a model reads and writes on this machine or at a server, and every result is kept to compare with."
          actions={<Button onClick={() => openNewBenchmark()}>New benchmark…</Button>}
        />
        {panel}
      </div>
    </>
  )
}

type RunsProps = { readonly runs: readonly Benchmark[]; readonly opened: string | null; readonly panel: ReactNode }

function Runs({ runs, opened, panel }: RunsProps) {
  const [, navigate] = useHashLocation()
  const models = useMirror((mirror) => mirror.models)
  const [filter, setFilter] = useState(noFilter)
  const [sort, setSort] = useState(newestFirst)
  const [current, setCurrent] = useState<string | null>(opened)
  const [chosen, setChosen] = useState(noSelection)
  const [menu, setMenu] = useState<(Point & { readonly id: string }) | null>(null)
  const ordered = useKeptOrder(runs, sort, idOf, compareNow)
  const rows = useMemo(() => filterRuns(ordered, filter, models), [ordered, filter, models])
  const order = useMemo(() => rows.map(idOf), [rows])
  const selection = useMemo(() => keepVisible(chosen, new Set(order)), [chosen, order])
  const columns = useMemo(
    () => benchmarkColumns((run) => <RunRowActions run={run} onMore={(at) => setMenu({ id: run.benchmark, ...at })} />),
    [],
  )
  useEffect(() => {
    if (opened !== null) setCurrent(opened)
  }, [opened])
  const selected = rows.filter(({ benchmark }) => selection.ids.has(benchmark))
  const sortBy = (column: string) =>
    setSort((before) => ({
      column: column as RunColumn, // only sortable columns of ours come here
      descending: before.column === column ? !before.descending : !startsAscending.includes(column),
    }))
  const onKey = (event: KeyboardEvent, row: Benchmark | null) => {
    if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      setChosen({ ids: new Set(order), anchor: order[0] ?? null })
      event.preventDefault()
    }
    if (event.key !== 'Delete') return
    const affected = (selected.length > 1 ? selected : row === null ? [] : [row]).filter((run) => !isUnderWay(run))
    if (affected.length > 0) openBenchmarkDialog({ dialog: 'remove', runs: affected.map(({ benchmark }) => benchmark) })
  }
  const menuRun = menu === null ? undefined : runs.find(({ benchmark }) => benchmark === menu.id)
  return (
    <>
      <PageHeader
        title="Benchmarks"
        fact={
          runs.length === rows.length ? runWord(runs.length) : `${formatCount(rows.length)} of ${runWord(runs.length)}`
        }
        search={{
          label: 'Search runs',
          value: filter.search,
          onChange: (search) => setFilter({ ...filter, search }),
        }}
        filters={<BenchmarkFilters runs={runs} models={models} filter={filter} onFilter={setFilter} />}
        action={<HeaderActions />}
      />
      <div className={classes.split}>
        <div className={classes.list}>
          {rows.length === 0 ? (
            <EmptyView
              icon={<SearchX />}
              title="No run matches"
              text="None of your runs fits this search and these filters together."
              actions={<Button onClick={() => setFilter(noFilter)}>Clear search and filters</Button>}
            />
          ) : (
            <DataTable
              label="Benchmarks"
              columns={columns}
              rows={rows}
              rowId={idOf}
              sort={sort}
              onSort={sortBy}
              current={current}
              onCurrent={setCurrent}
              selected={selection.ids}
              onChoose={(id, choice) => setChosen(chooseRow(selection, id, choice, order))}
              onOpen={({ benchmark }) => navigate(routes.benchmark(benchmark))}
              onContextMenu={({ benchmark }, { clientX, clientY }) =>
                setMenu({ id: benchmark, x: clientX, y: clientY })
              }
              onKey={onKey}
            />
          )}
          {selected.length > 1 && <RunSelectionBar runs={selected} onClear={() => setChosen(noSelection)} />}
        </div>
        {panel}
      </div>
      {menuRun !== undefined && menu !== null && <RunMenu run={menuRun} at={menu} onClose={() => setMenu(null)} />}
    </>
  )
}
