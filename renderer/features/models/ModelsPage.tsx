import { ActionIcon, Button } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Boxes, Ellipsis, SearchX } from 'lucide-react'
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { Model } from '../../../shared/contract/models.ts'
import { DataTable, rowHeightPx } from '../../components/DataTable.tsx'
import { EmptyView } from '../../components/EmptyView.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { chooseRow, keepVisible, noSelection } from '../../components/rowSelection.ts'
import { useKeptOrder } from '../../components/useKeptOrder.ts'
import { createSample, unloadModel } from '../../lib/actions.ts'
import { canBenchmark, mostAtOnce, openBenchmarks } from '../../lib/benchmarkDialogs.ts'
import { formatCount, formatDisk } from '../../lib/format.ts'
import { openModelDialog, usePullers } from '../../lib/modelDialogs.ts'
import { routes, useModelInRoute } from '../../lib/routes.ts'
import { useFolders, useMirror, useModels, useProviders } from '../../lib/store.ts'
import { validateFiles } from '../../lib/validations.ts'
import { openAddFolder } from '../../lib/view.ts'
import { AddMenu } from './AddMenu.tsx'
import { fitModel, leftAfter } from './fitModel.ts'
import { type Refusals, refusalOf, startLoad, useRefusals } from './loadRefusals.ts'
import { PrimaryAction } from './ModelActions.tsx'
import { ModelDetailsPanel } from './ModelDetailsPanel.tsx'
import { ModelFilters } from './ModelFilters.tsx'
import { ModelMenu } from './ModelMenu.tsx'
import { modelColumns } from './modelColumns.tsx'
import { compareModels, filterModels, noFilter, type Sort, type SortColumn } from './modelList.ts'
import { bytesOnDisk, type ModelRow, modelRows } from './modelRows.ts'
import classes from './models.module.css'
import { modelVerbs } from './modelVerbs.ts'
import { SelectionBar } from './SelectionBar.tsx'

const idOf = ({ model }: Model): string => model
const rowIdOf = ({ id }: ModelRow): string => id

export function ModelsPage() {
  const models = useModels()
  if (models.length === 0) return <NoModels />
  return <ModelList models={models} />
}

/** There are folders or providers, but nothing in them. */
function NoModels() {
  const canPull = usePullers().length > 0
  const isScanning = useFolders().some(({ state }) => state === 'scanning')
  return (
    <div className={classes.page}>
      <PageHeader title="Models" />
      <EmptyView
        icon={<Boxes />}
        title={isScanning ? 'Looking for models…' : 'No model found yet'}
        text={
          isScanning
            ? 'Your folders are being scanned. What is found appears here at once.'
            : 'Neither your folders nor your providers hold a model. Add a folder with model files, or create a small sample model that really loads.'
        }
        actions={
          <>
            <Button onClick={openAddFolder}>Add a folder</Button>
            <Button variant="default" onClick={() => void createSample()}>
              Create a sample model
            </Button>
            {canPull && (
              <Button variant="default" onClick={() => openModelDialog({ dialog: 'pull' })}>
                Pull a model
              </Button>
            )}
          </>
        }
      />
    </div>
  )
}

const firstSort: Sort = { column: 'name', descending: false }
/** Figures are looked at from the largest down, words from A. */
const startsDescending: readonly string[] = ['parameters', 'context', 'size', 'needs', 'fits', 'speed']

/** What stays free after a load of each, as things are when the sort is asked for. */
const compareNow = (sort: Sort) => {
  const { resources, providers } = useMirror.getState()
  return compareModels(sort, (model) =>
    leftAfter(
      fitModel(
        model,
        resources,
        providers.find(({ provider }) => provider === model.provider),
      ),
    ),
  )
}

function ModelList({ models }: { readonly models: readonly Model[] }) {
  const providers = useProviders()
  const [, navigate] = useHashLocation()
  const opened = useModelInRoute()
  const [search, setSearch] = useState('')
  const [filter, setFilter] = useState(noFilter)
  const [sort, setSort] = useState(firstSort)
  const [current, setCurrent] = useState<string | null>(null)
  const [chosen, setChosen] = useState(noSelection)
  const [menu, setMenu] = useState<{ model: string; x: number; y: number } | null>(null)
  const refusals = useRefusals((state) => state.refusals)
  const list = useRef<HTMLDivElement>(null)

  const ordered = useKeptOrder(models, sort, idOf, compareNow)
  const last = useRef<{ readonly sort: Sort; readonly rows: ReadonlyMap<string, ModelRow> }>({ sort, rows: new Map() })
  const rows = useMemo(() => {
    const list = modelRows(
      filterModels(ordered, search, filter),
      last.current.sort === sort ? last.current.rows : new Map(),
    )
    last.current = { sort, rows: new Map(list.map((row) => [row.id, row])) }
    return list
  }, [ordered, search, filter, sort])
  const order = useMemo(() => rows.map(rowIdOf), [rows])
  const lastRows = useRef(rows)
  lastRows.current = rows
  useEffect(() => {
    // the details may be opened from elsewhere: a dialog, the palette, another place of the same weights
    const row = lastRows.current.find(({ places }) => places.some(({ model }) => model === opened))
    if (row) setCurrent(row.id)
  }, [opened])
  const selection = useMemo(() => keepVisible(chosen, new Set(order)), [chosen, order])
  const byId = useMemo(() => new Map<string, Model>(models.map((model) => [model.model, model])), [models])
  const hasPrices = useMemo(() => models.some(({ price }) => price !== null), [models])
  const columns = useMemo(
    () =>
      modelColumns(
        ({ model }) => <RowActions model={model} onMore={(at) => setMenu({ model: model.model, ...at })} />,
        hasPrices,
      ),
    [hasPrices],
  )
  const rowHeight = useCallback(
    ({ model }: ModelRow) => rowHeightPx + (reasonOf(refusals, model) === null ? 0 : reasonHeightPx),
    [refusals],
  )
  const reasonBelow = useCallback(
    ({ model }: ModelRow) => {
      const reason = reasonOf(refusals, model)
      if (reason === null) return null
      return (
        <div className={classes.reason} title={reason}>
          {reason}
        </div>
      )
    },
    [refusals],
  )

  const showAll = () => {
    setSearch('')
    setFilter(noFilter)
  }
  const sortBy = (column: string) =>
    setSort((before) => ({
      column: column as SortColumn, // only sortable columns of ours come here
      descending: before.column === column ? !before.descending : startsDescending.includes(column),
    }))
  const selected = rows.filter(({ id }) => selection.ids.has(id)).map(({ model }) => model)
  const onKey = (event: KeyboardEvent, row: ModelRow | null) => {
    if (event.altKey) return
    if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      setChosen({ ids: new Set(order), anchor: order[0] ?? null })
      event.preventDefault()
    }
    if (event.ctrlKey || event.metaKey) return
    const affected = selected.length > 1 ? selected : row === null ? [] : [row.model]
    if (event.key.toLowerCase() === 'l') for (const model of affected) if (modelVerbs(model).load) void startLoad(model)
    const paths = affected.flatMap(({ path }) => (path === null ? [] : [path]))
    if (event.key.toLowerCase() === 'v' && paths.length > 0) validateFiles(paths)
    const measurable = affected.filter(canBenchmark)
    if (event.key.toLowerCase() === 'b' && measurable.length > 0 && measurable.length <= mostAtOnce)
      openBenchmarks(measurable)
    if (event.key.toLowerCase() === 'u')
      for (const model of affected)
        if (modelVerbs(model).unload || modelVerbs(model).cancel) void unloadModel(model.model)
  }
  // from the search straight into the rows
  useHotkeys(
    [
      [
        'ArrowDown',
        (event) => {
          const [first] = order
          if (first === undefined || !(event.target instanceof Element)) return
          if (event.target.matches('input[data-page-search]')) {
            setCurrent(first)
            list.current?.querySelector<HTMLElement>('[role="grid"]')?.focus()
          }
        },
        { preventDefault: false },
      ],
    ],
    [],
  )

  const menuModel = menu === null ? undefined : byId.get(menu.model)
  return (
    <div className={classes.page}>
      <PageHeader
        title="Models"
        fact={<Count models={models} rows={rows} />}
        search={{ label: 'Search models', value: search, onChange: setSearch }}
        filters={<ModelFilters models={models} providers={providers} filter={filter} onFilter={setFilter} />}
        action={<AddMenu />}
      />
      <div className={classes.split}>
        <div className={classes.list} ref={list}>
          <DataTable
            label="Models"
            columns={columns}
            rows={rows}
            rowId={rowIdOf}
            sort={sort}
            onSort={sortBy}
            current={current}
            onCurrent={setCurrent}
            selected={selection.ids}
            onChoose={(id, choice) => setChosen(chooseRow(selection, id, choice, order))}
            onOpen={({ model }) => navigate(routes.model(model.model))}
            onContextMenu={({ model }, { clientX, clientY }) => setMenu({ model: model.model, x: clientX, y: clientY })}
            onKey={onKey}
            rowHeight={rowHeight}
            rowExtra={reasonBelow}
            reusesElements
            empty={
              <EmptyView
                icon={<SearchX />}
                title="No model matches"
                text="None of your models fits this search and these filters together."
                actions={<Button onClick={showAll}>Clear search and filters</Button>}
              />
            }
          />
          {selected.length > 1 && <SelectionBar models={selected} onClear={() => setChosen(noSelection)} />}
        </div>
        {opened !== null && <ModelDetailsPanel key={opened} id={opened} onClose={() => navigate(routes.models)} />}
      </div>
      {menuModel !== undefined && menu !== null && (
        <ModelMenu model={menuModel} at={menu} onClose={() => setMenu(null)} />
      )}
    </div>
  )
}

type RowActionsProps = { readonly model: Model; readonly onMore: (at: { x: number; y: number }) => void }

/** Stand in their own column, so that they cover no figure, and show under the pointer and in the current row. */
function RowActions({ model, onMore }: RowActionsProps) {
  return (
    <span className={classes.rowActions}>
      <PrimaryAction model={model} size="compact-xs" />
      <ActionIcon
        size={24}
        aria-label={`More actions for ${model.name}`}
        onClick={(event) => {
          const corner = event.currentTarget.getBoundingClientRect()
          onMore({ x: corner.left, y: corner.bottom })
        }}
      >
        <Ellipsis size={16} />
      </ActionIcon>
    </span>
  )
}

/** Why the last load of this row failed. */
const reasonOf = (refusals: Refusals, model: Model): string | null =>
  refusalOf(refusals, model)?.message ?? (model.state === 'failed' ? model.reason : null)
const reasonHeightPx = 22

type CountProps = { readonly models: readonly Model[]; readonly rows: readonly ModelRow[] }

/** Short, so that the search beside it keeps its place while one types. */
function Count({ models, rows }: CountProps) {
  const places = rows.reduce((sum, row) => sum + row.places.length, 0)
  const shown = `${formatCount(rows.length)} ${rows.length === 1 ? 'model' : 'models'}`
  const sizes = rows.flatMap((row) => bytesOnDisk(row) ?? [])
  const size = sizes.length === 0 ? '' : `, ${formatDisk(sizes.reduce((sum, bytes) => sum + bytes, 0))}`
  if (places < models.length)
    return (
      <span title={`At ${formatCount(places)} of ${formatCount(models.length)} places${size}.`}>{shown} shown</span>
    )
  return rows.length === places ? (
    `${shown}${size}`
  ) : (
    <span title={`They are at ${formatCount(places)} places.`}>{`${shown}${size}`}</span>
  )
}
