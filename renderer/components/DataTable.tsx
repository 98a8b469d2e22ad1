// biome-ignore-all lint/a11y/useSemanticElements: a virtual table cannot be a <table>; the grid pattern says the same
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its current row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys
import { Tooltip, VisuallyHidden } from '@mantine/core'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { type CSSProperties, type KeyboardEvent, type MouseEvent, type ReactNode, useId, useRef } from 'react'
import classes from './DataTable.module.css'

export type Column<Row> = {
  readonly id: string
  /** empty over a column of buttons */
  readonly header: string
  /** what the column means, when its word is not enough */
  readonly tip?: string
  readonly cell: (row: Row) => ReactNode
  /** px; a column with `grow` takes its share of what is left */
  readonly width: number
  readonly grow?: number
  readonly align?: 'right'
  readonly sortable?: boolean
  /** px of table width below which the column steps back */
  readonly shownFrom?: number
}

/** How a row was chosen: alone, in addition (Ctrl, Space), or up to here (Shift). */
export type Choice = 'only' | 'toggle' | 'extend'

export type DataTableProps<Row> = {
  /** what the rows are, for readers: `Models` */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  /** in the order of the screen */
  readonly rows: readonly Row[]
  readonly rowId: (row: Row) => string
  readonly sort?: { readonly column: string; readonly descending: boolean } | null
  readonly onSort?: (column: string) => void
  /** the row under the keyboard */
  readonly current: string | null
  readonly onCurrent: (id: string) => void
  readonly selected?: ReadonlySet<string>
  readonly onChoose?: (id: string, choice: Choice) => void
  /** a click, or Enter */
  readonly onOpen?: (row: Row) => void
  readonly onContextMenu?: (row: Row, event: MouseEvent) => void
  /** keys the table does not use itself; `row` is the current one */
  readonly onKey?: (event: KeyboardEvent, row: Row | null) => void
  /** buttons that appear at the end of a row under the pointer, and stand in the current one */
  readonly rowActions?: (row: Row) => ReactNode
  /** more height for single rows, for example a reason or an open box; 36 otherwise */
  readonly rowHeight?: (row: Row) => number
  /** what stands below the cells of a higher row */
  readonly rowExtra?: (row: Row) => ReactNode
}

export const rowHeightPx = 36
const pageRows = 10

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowId, sort, current, selected, rowHeight, rowExtra, rowActions } = props
  const prefix = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: sizeRef, width } = useElementSize()
  const shown = columns.filter(({ shownFrom }) => shownFrom === undefined || width === 0 || width >= shownFrom)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const row = rows[index]
      return row === undefined || rowHeight === undefined ? rowHeightPx : rowHeight(row)
    },
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : rowId(row)
    },
    overscan: 12,
    scrollPaddingStart: rowHeightPx,
  })
  const currentIndex = current === null ? -1 : rows.findIndex((row) => rowId(row) === current)
  const currentRow = rows[currentIndex] ?? null

  const goTo = (index: number, extend: boolean) => {
    const at = Math.max(0, Math.min(rows.length - 1, index))
    const row = rows[at]
    if (row === undefined) return
    props.onCurrent(rowId(row))
    if (extend) props.onChoose?.(rowId(row), 'extend')
    virtual.scrollToIndex(at, { align: 'auto' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    const steps: Record<string, number> = {
      ArrowDown: currentIndex + 1,
      ArrowUp: currentIndex < 0 ? 0 : currentIndex - 1,
      PageDown: currentIndex + pageRows,
      PageUp: currentIndex - pageRows,
      Home: 0,
      End: rows.length - 1,
    }
    const to = steps[event.key]
    if (to !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) goTo(to, event.shiftKey)
    else if (event.key === 'Enter' && currentRow !== null && props.onOpen !== undefined) props.onOpen(currentRow)
    else if (event.key === ' ' && currentRow !== null && props.onChoose !== undefined)
      props.onChoose(rowId(currentRow), 'toggle')
    else {
      props.onKey?.(event, currentRow)
      return
    }
    event.preventDefault()
  }
  const onRowClick = (row: Row, event: MouseEvent) => {
    if (window.getSelection()?.toString()) return // the person was selecting text
    const id = rowId(row)
    props.onCurrent(id)
    const choice: Choice = event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'only'
    props.onChoose?.(id, choice)
    if (choice === 'only') props.onOpen?.(row)
  }

  const template = shown.map(({ width, grow }) => (grow ? `minmax(${width}px, ${grow}fr)` : `${width}px`)).join(' ')
  const minWidth = shown.reduce((sum, column) => sum + column.width, 24)
  const indexOfRow = (id: string) => `${prefix}-${id}`
  return (
    <div
      ref={useMergedRef(scroller, sizeRef)}
      className={classes.scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={shown.length}
      aria-multiselectable={selected !== undefined}
      aria-activedescendant={currentRow === null ? undefined : indexOfRow(rowId(currentRow))}
      tabIndex={0}
      onKeyDown={onKeyDown}
      style={{ '--columns': template, '--min-width': `${minWidth}px` } as CSSProperties}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row}>
          {shown.map((column) => (
            <Header key={column.id} column={column} sort={sort ?? null} onSort={props.onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]
          if (row === undefined) return null
          const id = rowId(row)
          const extra = rowExtra?.(row)
          return (
            <div
              key={item.key}
              id={indexOfRow(id)}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={selected === undefined ? undefined : selected.has(id)}
              data-current={id === current || undefined}
              data-selected={selected?.has(id) || undefined}
              className={classes.item}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              onClick={(event) => onRowClick(row, event)}
              onContextMenu={(event) => {
                if (props.onContextMenu === undefined) return
                event.preventDefault()
                props.onCurrent(id)
                props.onContextMenu(row, event)
              }}
            >
              <div className={classes.row} role="presentation">
                {shown.map((column) => (
                  <div key={column.id} role="gridcell" className={classes.cell} data-align={column.align}>
                    {column.cell(row)}
                  </div>
                ))}
                {rowActions !== undefined && (
                  <div role="gridcell" className={classes.actions} onClick={(event) => event.stopPropagation()}>
                    {rowActions(row)}
                  </div>
                )}
              </div>
              {extra !== undefined && extra !== null && (
                <div role="gridcell" className={classes.extra} onClick={(event) => event.stopPropagation()}>
                  {extra}
                </div>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

type HeaderProps<Row> = {
  readonly column: Column<Row>
  readonly sort: { readonly column: string; readonly descending: boolean } | null
  readonly onSort: ((column: string) => void) | undefined
}

function Header<Row>({ column, sort, onSort }: HeaderProps<Row>) {
  const sorted = sort?.column === column.id
  const Arrow = sort?.descending ? ChevronDown : ChevronUp
  const sortable = column.sortable === true && onSort !== undefined
  const direction = sort?.descending ? 'descending' : 'ascending'
  const text = (
    <span className={classes.headText}>
      {column.header === '' ? (
        <VisuallyHidden>Actions</VisuallyHidden>
      ) : (
        <span className={classes.headWord}>{column.header}</span>
      )}
      {sorted && <Arrow size={14} aria-hidden />}
    </span>
  )
  return (
    <div
      role="columnheader"
      className={classes.cell}
      data-align={column.align}
      aria-sort={sortable ? (sorted ? direction : 'none') : undefined}
    >
      <Tooltip label={column.tip ?? column.header} disabled={column.tip === undefined}>
        {sortable ? (
          <button type="button" className={classes.headButton} onClick={() => onSort(column.id)}>
            {text}
          </button>
        ) : (
          text
        )}
      </Tooltip>
    </div>
  )
}
