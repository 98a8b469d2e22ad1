import { Group, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { TensorRow } from '../../../shared/contract/files.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { type Column, DataTable } from '../../components/DataTable.tsx'
import { Figure } from '../../components/Figure.tsx'
import { formatCount, formatDisk, unknown } from '../../lib/format.ts'
import classes from './files.module.css'
import {
  findTensors,
  type PlacedTensor,
  placeTensors,
  shapeText,
  sortTensors,
  type TensorColumn,
  type TensorSort,
} from './tensorRows.ts'

type TensorTableProps = {
  readonly tensors: readonly TensorRow[]
  /** in the file; more than `tensors` where it has very many */
  readonly total: number
  readonly search: string
  readonly onSearch: (search: string) => void
}

export function TensorTable({ tensors, total, search, onSearch }: TensorTableProps) {
  const [sort, setSort] = useState<TensorSort | null>(null)
  const [current, setCurrent] = useState<string | null>(null)
  const placed = useMemo(() => placeTensors(tensors), [tensors])
  const found = useMemo(() => findTensors(placed, search), [placed, search])
  const rows = useMemo(() => sortTensors(found, sort), [found, sort])
  const columns = useMemo(() => tensorColumns(tensors.some(({ file }) => file !== null)), [tensors])
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  const sortBy = (column: string) =>
    setSort((before) =>
      before?.column !== column
        ? { column: column as TensorColumn, descending: column === 'bytes' || column === 'elements' } // columns of ours
        : before.descending === (column === 'bytes' || column === 'elements')
          ? { ...before, descending: !before.descending }
          : null,
    )
  return (
    <>
      <Group gap={12} py={8}>
        <TextInput
          data-autofocus
          w={280}
          type="search"
          aria-label="Search tensors"
          placeholder="Part of a name, or a type"
          leftSection={<Search size={14} />}
          value={search}
          onChange={(event) => onSearch(event.currentTarget.value)}
        />
        <span className={classes.dim}>
          {formatCount(rows.length)} {rows.length === 1 ? 'tensor' : 'tensors'}, {formatDisk(bytes)}
          {total > tensors.length && `; the first ${formatCount(tensors.length)} of ${formatCount(total)} are listed`}
        </span>
      </Group>
      {rows.length === 0 ? (
        <p className={classes.dim}>No tensor matches.</p>
      ) : (
        <DataTable
          label="Tensors"
          columns={columns}
          rows={rows}
          rowId={({ id }) => id}
          sort={sort}
          onSort={sortBy}
          current={current}
          onCurrent={setCurrent}
        />
      )}
    </>
  )
}

const tensorColumns = (hasFiles: boolean): readonly Column<PlacedTensor>[] => [
  {
    id: 'name',
    header: 'Name',
    width: 260,
    grow: 3,
    sortable: true,
    cell: ({ name }) => (
      <Copyable text={name} what="name">
        <span className={classes.tensorName} title={name}>
          {name}
        </span>
      </Copyable>
    ),
  },
  { id: 'type', header: 'Type', width: 96, sortable: true, cell: ({ type }) => type },
  { id: 'shape', header: 'Shape', width: 168, align: 'right', cell: ({ shape }) => shapeText(shape) },
  {
    id: 'elements',
    header: 'Elements',
    width: 128,
    align: 'right',
    sortable: true,
    shownFrom: 720,
    cell: ({ elements }) => formatCount(elements),
  },
  {
    id: 'bytes',
    header: 'Size',
    width: 92,
    align: 'right',
    sortable: true,
    cell: ({ bytes }) => <span title={`${formatCount(bytes)} bytes`}>{formatDisk(bytes)}</span>,
  },
  {
    id: 'offset',
    header: 'Offset',
    tip: 'Byte of the file where it begins.',
    width: 136,
    align: 'right',
    sortable: true,
    shownFrom: 860,
    cell: ({ offset }) => (
      <Figure
        text={offset === null ? unknown : formatCount(offset)}
        why="This format has no place in the file for it."
      />
    ),
  },
  ...(hasFiles
    ? [
        {
          id: 'file',
          header: 'File',
          width: 160,
          grow: 1,
          sortable: true,
          shownFrom: 1000,
          cell: ({ file }: PlacedTensor) => (
            <span className={classes.clipped} title={file ?? undefined}>
              {file ?? unknown}
            </span>
          ),
        },
      ]
    : []),
]
