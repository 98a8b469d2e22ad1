// biome-ignore-all lint/a11y/useSemanticElements: a virtual table cannot be a <table>; the grid pattern says the same
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its current row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys
import { Tooltip, VisuallyHidden } from '@mantine/core'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronUp } from 'lucide-react'
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  useCallback,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react'
import { rowPaddingPx } from './columnsByRank.ts'
import classes from './DataTable.module.css'
import { type DrawnRow, reuseKeys } from './reuseKeys.ts'

export type Column<Row> = {
  readonly id: string
  /** empty over a column of buttons */
  readonly header: string
  /** what the column means, when its word is not enough */
  readonly tip?: string
  readonly cell: (row: Row) => ReactNode
  /** the cell is made only while its row is pointed at, focused or current: buttons of a thousand rows cost frames */
  readonly onDemand?: boolean
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

type Sort = { readonly column: string; readonly descending: boolean }

/** Rows are drawn again only when they, `columns` or `rowExtra` are new: keep these the same between renders. */
export type DataTableProps<Row> = {
  /** what the rows are, for readers: `Models` */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  /** in the order of the screen */
  readonly rows: readonly Row[]
  readonly rowId: (row: Row) => string
  readonly sort?: Sort | null
  readonly onSort?: (column: string) => void
  /** the row under the keyboard */
  readonly current: string | null
  readonly onCurrent: (id: string) => void
  readonly selected?: ReadonlySet<string>
  readonly onChoose?: (id: string, choice: Choice) => void
  /** a click, or Enter */
  readonly onOpen?: (row: Row) => void
  readonly onContextMenu?: (row: Row, at: Pick<MouseEvent, 'clientX' | 'clientY'>) => void
  /** keys the table does not use itself; `row` is the current one */
  readonly onKey?: (event: KeyboardEvent, row: Row | null) => void
  /** more height for single rows, for example a reason or an open box; 36 otherwise */
  readonly rowHeight?: (row: Row) => number
  /** what stands below the cells of a higher row */
  readonly rowExtra?: (row: Row) => ReactNode
  /**
   * A new row may be drawn into the element of one that left. Only where cells that are not `onDemand` keep nothing of their
   * own: no state, and nothing that can have the focus.
   */
  readonly reusesElements?: boolean
  /** what stands below the head while there are no rows */
  readonly empty?: ReactNode
}

export const rowHeightPx = 36
const pageRows = 10
/** Rows kept ready above and below what is seen. */
const overscanRows = 6

/** A click there means what it hits, not the row. */
const ownClicks = 'button, a, input, textarea, select, [data-own-clicks]'
const isOwnClick = (target: EventTarget): boolean => target instanceof Element && target.closest(ownClicks) !== null

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowId, sort = null, current, selected, rowHeight } = props
  const prefix = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: sizeRef, width } = useElementSize()
  const [pointed, setPointed] = useState<string | null>(null)
  const [focused, setFocused] = useState<string | null>(null)
  const shownIds = columns
    .filter(({ shownFrom }) => shownFrom === undefined || width === 0 || width >= shownFrom)
    .map(({ id }) => id)
    .join('\n')
  const shown = useMemo(() => {
    const ids = new Set(shownIds.split('\n'))
    return columns.filter(({ id }) => ids.has(id))
  }, [columns, shownIds])
  // new functions would make it measure every row again with each frame
  const estimateSize = useCallback(
    (index: number) => {
      const row = rows[index]
      return row === undefined || rowHeight === undefined ? rowHeightPx : rowHeight(row)
    },
    [rows, rowHeight],
  )
  const getItemKey = useCallback(
    (index: number) => {
      const row = rows[index]
      return row === undefined ? index : rowId(row)
    },
    [rows, rowId],
  )
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize,
    getItemKey,
    overscan: overscanRows,
    scrollPaddingStart: rowHeightPx,
  })
  const drawn = useRef<readonly DrawnRow[]>([])
  const items = virtual.getVirtualItems()
  if (props.reusesElements)
    drawn.current = reuseKeys(
      drawn.current,
      items.map(({ key }) => String(key)),
    )
  const currentIndex = current === null ? -1 : rows.findIndex((row) => rowId(row) === current)
  const currentRow = rows[currentIndex] ?? null

  const elementId = (id: string) => `${prefix}-${id}`

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
  const rowAt = (target: EventTarget): Row | null => {
    const element = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null
    return rows[Number(element?.dataset.row ?? -1)] ?? null
  }
  const idAt = (target: EventTarget): string | null => {
    const row = rowAt(target)
    return row === null ? null : rowId(row)
  }
  // a shift-click selects rows; the browser would select the text between the clicks
  const onMouseDown = (event: MouseEvent) => {
    if (!event.shiftKey || props.onChoose === undefined || isOwnClick(event.target)) return
    event.preventDefault()
    scroller.current?.focus({ preventScroll: true })
  }
  const onClick = (event: MouseEvent) => {
    const row = rowAt(event.target)
    if (row === null || isOwnClick(event.target)) return
    if (window.getSelection()?.toString()) return // the person was selecting text
    const id = rowId(row)
    props.onCurrent(id)
    const choice: Choice = event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'only'
    props.onChoose?.(id, choice)
    if (choice === 'only') props.onOpen?.(row)
  }
  const onContextMenu = (event: MouseEvent) => {
    const row = rowAt(event.target)
    if (row === null || props.onContextMenu === undefined) return
    event.preventDefault()
    props.onCurrent(rowId(row))
    props.onContextMenu(row, event)
  }

  /** The key for it is pressed in the grid, not in a row: the current one is meant. */
  const onMenuKey = (event: MouseEvent) => {
    if (event.target !== event.currentTarget || currentRow === null || props.onContextMenu === undefined) return
    event.preventDefault()
    const row = document.getElementById(elementId(rowId(currentRow)))?.getBoundingClientRect()
    props.onContextMenu(
      currentRow,
      row === undefined ? event : { clientX: row.left + rowPaddingPx, clientY: row.bottom },
    )
  }

  const template = shown.map(({ width, grow }) => (grow ? `minmax(${width}px, ${grow}fr)` : `${width}px`)).join(' ')
  const minWidth = shown.reduce((sum, column) => sum + column.width, rowPaddingPx)
  return (
    <div
      ref={useMergedRef(scroller, sizeRef)}
      className={classes.scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={shown.length}
      aria-multiselectable={selected !== undefined}
      aria-activedescendant={currentRow === null ? undefined : elementId(rowId(currentRow))}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onContextMenu={onMenuKey}
      style={{ '--columns': template, '--min-width': `${minWidth}px` } as CSSProperties}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row}>
          {shown.map((column) => (
            <Header key={column.id} column={column} sort={sort} onSort={props.onSort} />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className={classes.body}
        style={{ height: virtual.getTotalSize() }}
        onMouseDown={onMouseDown}
        onPointerOver={(event) => setPointed(idAt(event.target))}
        onPointerLeave={() => setPointed(null)}
        onFocus={(event) => setFocused(idAt(event.target))}
        onBlur={() => setFocused(null)}
        onClick={onClick}
        onContextMenu={onContextMenu}
      >
        {items.map((item, place) => {
          const row = rows[item.index]
          if (row === undefined) return null
          const id = rowId(row)
          return (
            <TableRow
              key={drawn.current[place]?.key ?? item.key}
              elementId={elementId(id)}
              row={row}
              index={item.index}
              start={item.start}
              size={item.size}
              columns={shown}
              isCurrent={id === current}
              isActive={id === current || id === pointed || id === focused}
              isSelected={selected?.has(id)}
              rowExtra={props.rowExtra}
            />
          )
        })}
      </div>
      {rows.length === 0 && props.empty !== undefined && (
        <div role="row" className={classes.empty}>
          <div role="gridcell">{props.empty}</div>
        </div>
      )}
    </div>
  )
}

type TableRowProps<Row> = {
  readonly elementId: string
  readonly row: Row
  readonly index: number
  /** px from the first row */
  readonly start: number
  readonly size: number
  readonly columns: readonly Column<Row>[]
  readonly isCurrent: boolean
  /** current, pointed at, or with the focus in it */
  readonly isActive: boolean
  /** undefined: nothing can be selected here */
  readonly isSelected: boolean | undefined
  readonly rowExtra: ((row: Row) => ReactNode) | undefined
}

function PlainRow<Row>({ row, columns, rowExtra, ...rest }: TableRowProps<Row>) {
  const extra = rowExtra?.(row)
  return (
    <div
      id={rest.elementId}
      data-row={rest.index}
      role="row"
      aria-rowindex={rest.index + 2}
      aria-selected={rest.isSelected}
      data-current={rest.isCurrent || undefined}
      data-selected={rest.isSelected || undefined}
      className={classes.item}
      style={{ height: rest.size, transform: `translateY(${rest.start}px)` }}
    >
      <div className={classes.row} role="presentation">
        {columns.map((column) => (
          <div key={column.id} role="gridcell" className={classes.cell} data-align={column.align}>
            {(rest.isActive || column.onDemand !== true) && column.cell(row)}
          </div>
        ))}
      </div>
      {extra !== undefined && extra !== null && (
        <div role="gridcell" className={classes.extra} data-own-clicks>
          {extra}
        </div>
      )}
    </div>
  )
}

// memo loses the type parameter; the component is the same
const TableRow = memo(PlainRow) as typeof PlainRow

type HeaderProps<Row> = {
  readonly column: Column<Row>
  readonly sort: Sort | null
  readonly onSort: ((column: string) => void) | undefined
}

function PlainHeader<Row>({ column, sort, onSort }: HeaderProps<Row>) {
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
      <Tooltip label={column.tip ?? column.header} disabled={column.header === ''}>
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

// a scroll draws the table again with every frame, and its head with its tooltips never changes
const Header = memo(PlainHeader) as typeof PlainHeader
