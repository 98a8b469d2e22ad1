import { ActionIcon } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Ellipsis } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { FileRow } from '../../../shared/contract/files.ts'
import { DataTable } from '../../components/DataTable.tsx'
import type { Point } from '../../components/PointMenu.tsx'
import { chooseRow, keepVisible, noSelection } from '../../components/rowSelection.ts'
import { useKeptOrder } from '../../components/useKeptOrder.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'
import { validateFile, validateRound } from '../../lib/validations.ts'
import { CompareDialog } from './CompareDialog.tsx'
import { FileMenu } from './FileMenu.tsx'
import { FileSelectionBar } from './FileSelectionBar.tsx'
import { fileColumns } from './fileColumns.tsx'
import { compareFiles, fileName, type Sort, type SortColumn } from './fileList.ts'
import classes from './files.module.css'
import { TagDialog } from './TagDialog.tsx'

const idOf = ({ path }: FileRow): string => path
const firstSort: Sort = { column: 'name', descending: false }
/** Figures are looked at from the largest down, times from the newest, words from A. */
const startsDescending: readonly string[] = ['issues', 'parameters', 'size', 'rating', 'checked']

type FileTableProps = {
  /** what the search and the filters leave */
  readonly rows: readonly FileRow[]
  readonly opened: string | null
  /** what stands here when there is no row */
  readonly empty: ReactNode
}

/** The files, and what can be done with one or several of them. */
export function FileTable({ rows: unordered, opened, empty }: FileTableProps) {
  const [, navigate] = useHashLocation()
  const [sort, setSort] = useState(firstSort)
  const [current, setCurrent] = useState<string | null>(opened)
  const [chosen, setChosen] = useState(noSelection)
  const [menu, setMenu] = useState<{ readonly path: string; readonly at: Point } | null>(null)
  const [tagging, setTagging] = useState<readonly string[] | null>(null)
  const [comparing, setComparing] = useState<readonly [left: string, right: string] | null>(null)
  const list = useRef<HTMLDivElement>(null)
  // a report opened from elsewhere marks its row
  useEffect(() => {
    if (opened !== null) setCurrent(opened)
  }, [opened])
  const rows = useKeptOrder(unordered, sort, idOf, compareFiles)
  const order = useMemo(() => rows.map(idOf), [rows])
  const selection = useMemo(() => keepVisible(chosen, new Set(order)), [chosen, order])
  const selected = useMemo(() => rows.filter(({ path }) => selection.ids.has(path)), [rows, selection])
  const columns = useMemo(
    () => fileColumns((row) => <RowActions row={row} onMore={(at) => setMenu({ path: row.path, at })} />),
    [],
  )
  const sortBy = (column: string) =>
    setSort((before) => ({
      column: column as SortColumn, // only sortable columns of ours come here
      descending: before.column === column ? !before.descending : startsDescending.includes(column),
    }))
  const onKey = (event: KeyboardEvent, row: FileRow | null) => {
    if (event.altKey) return
    const isWithCtrl = event.ctrlKey || event.metaKey
    if (isWithCtrl && event.key === 'a') {
      setChosen({ ids: new Set(order), anchor: order[0] ?? null })
      event.preventDefault()
    }
    if (isWithCtrl || event.key.toLowerCase() !== 'v') return
    if (selected.length > 1) void validateRound(selected.map(idOf))
    else if (row !== null) validateFile(row.path)
  }
  // from the search straight into the rows
  useHotkeys(
    [
      [
        'ArrowDown',
        (event) => {
          if (!(event.target instanceof Element && event.target.matches('input[data-page-search]'))) return
          setCurrent(order[0] ?? null)
          list.current?.querySelector<HTMLElement>('[role="grid"]')?.focus()
        },
        { preventDefault: false },
      ],
    ],
    [],
  )
  return (
    <div className={classes.list} ref={list}>
      {rows.length === 0 ? (
        empty
      ) : (
        <DataTable
          label="Files"
          columns={columns}
          rows={rows}
          rowId={idOf}
          sort={sort}
          onSort={sortBy}
          current={current}
          onCurrent={setCurrent}
          selected={selection.ids}
          onChoose={(id, choice) => setChosen(chooseRow(selection, id, choice, order))}
          onOpen={({ path }) => navigate(routes.file(path))}
          onContextMenu={({ path }, { clientX, clientY }) => setMenu({ path, at: { x: clientX, y: clientY } })}
          onKey={onKey}
        />
      )}
      {selected.length > 1 && (
        <FileSelectionBar
          rows={selected}
          onTag={() => setTagging(selected.map(idOf))}
          onCompare={(left, right) => setComparing([left, right])}
          onClear={() => setChosen(noSelection)}
        />
      )}
      {menu !== null && (
        <MenuOf path={menu.path} at={menu.at} onClose={() => setMenu(null)} onTag={(path) => setTagging([path])} />
      )}
      {tagging !== null && <TagDialogOf paths={tagging} onClose={() => setTagging(null)} />}
      {comparing !== null && (
        <CompareDialog left={comparing[0]} right={comparing[1]} onClose={() => setComparing(null)} />
      )}
    </div>
  )
}

type MenuOfProps = {
  readonly path: string
  readonly at: Point
  readonly onClose: () => void
  readonly onTag: (path: string) => void
}

/** The row may have left the list meanwhile. */
function MenuOf({ path, at, onClose, onTag }: MenuOfProps) {
  const row = useMirror(({ files }) => files.get(path))
  return row === undefined ? null : <FileMenu row={row} at={at} onClose={onClose} onTag={() => onTag(path)} />
}

function TagDialogOf({ paths, onClose }: { readonly paths: readonly string[]; readonly onClose: () => void }) {
  const files = useMirror((mirror) => mirror.files)
  const rows = useMemo(() => paths.flatMap((path) => files.get(path) ?? []), [paths, files])
  return rows.length === 0 ? null : <TagDialog rows={rows} onClose={onClose} />
}

type RowActionsProps = { readonly row: FileRow; readonly onMore: (at: Point) => void }

function RowActions({ row, onMore }: RowActionsProps) {
  return (
    <ActionIcon
      size={24}
      aria-label={`More actions for ${fileName(row)}`}
      onClick={(event) => {
        const corner = event.currentTarget.getBoundingClientRect()
        onMore({ x: corner.left, y: corner.bottom })
      }}
    >
      <Ellipsis size={16} />
    </ActionIcon>
  )
}
