import { expect, test } from 'vitest'
import { columnsByRank, rowPaddingPx } from './columnsByRank.ts'
import type { Column } from './DataTable.tsx'

const column = (id: string, width: number): Column<never> => ({ id, header: id, width, cell: () => null })

test('a column comes from where it fits beside those that matter more', () => {
  const columns = [column('name', 200), column('size', 80), column('speed', 60), column('actions', 100)]
  const shown = columnsByRank(columns, ['speed', 'size'])
  expect(shown.map(({ id, shownFrom }) => [id, shownFrom])).toEqual([
    ['name', undefined],
    ['size', rowPaddingPx + 300 + 60 + 80],
    ['speed', rowPaddingPx + 300 + 60],
    ['actions', undefined],
  ])
})

test('a rank without its column takes no room', () => {
  const shown = columnsByRank([column('name', 200), column('size', 80)], ['price', 'size'])
  expect(shown[1]).toMatchObject({ shownFrom: rowPaddingPx + 280 })
})
