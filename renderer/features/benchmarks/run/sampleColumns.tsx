import type { BenchmarkUnit } from '../../../../shared/contract/benchmarkResults.ts'
import type { Column } from '../../../components/DataTable.tsx'
import { Figure } from '../../../components/Figure.tsx'
import { formatMeasured, formatMs } from '../../../lib/benchmarkFigures.ts'
import { formatCount } from '../../../lib/format.ts'
import type { RepetitionRow, RequestRow } from './sampleRows.ts'

/** How long each took and the figure of it; of a load the time is the figure. */
export const repetitionColumns = (unit: BenchmarkUnit): readonly Column<RepetitionRow>[] => [
  { id: 'nth', header: 'No.', width: 72, align: 'right', cell: ({ id }) => id },
  { id: 'took', header: 'Took', width: 140, align: 'right', cell: ({ ms }) => formatMs(ms) },
  ...(unit === 'ms'
    ? []
    : [
        {
          id: 'speed',
          header: 'Speed',
          width: 160,
          align: 'right' as const,
          cell: ({ value }: RepetitionRow) => formatMeasured(value, unit),
        },
      ]),
]

const notTold = 'The server did not tell.'

export const requestColumns: readonly Column<RequestRow>[] = [
  { id: 'nth', header: 'No.', width: 64, align: 'right', cell: ({ id }) => id },
  { id: 'planned', header: 'Planned', width: 104, align: 'right', cell: ({ plannedMs }) => formatMs(plannedMs) },
  {
    id: 'late',
    header: 'Late',
    tip: 'How much later than planned it left.',
    width: 88,
    align: 'right',
    cell: ({ lateMs }) => formatMs(lateMs),
  },
  {
    id: 'ttft',
    header: 'TTFT',
    width: 96,
    align: 'right',
    cell: ({ ttftMs }) => <Figure text={formatMs(ttftMs)} why="No token came." />,
  },
  {
    id: 'longest',
    header: 'Longest gap',
    tip: 'Between two pieces of the answer.',
    width: 104,
    align: 'right',
    cell: ({ longestMs }) => <Figure text={formatMs(longestMs)} why="There were fewer than two pieces." />,
  },
  { id: 'e2e', header: 'E2E', width: 96, align: 'right', cell: ({ e2eMs }) => formatMs(e2eMs) },
  { id: 'pieces', header: 'Pieces', width: 72, align: 'right', cell: ({ pieces }) => formatCount(pieces) },
  {
    id: 'tokens',
    header: 'Tokens',
    tip: 'In / out.',
    width: 112,
    align: 'right',
    cell: ({ promptTokens, outputTokens }) => (
      <Figure
        text={
          promptTokens === null && outputTokens === null
            ? '–'
            : `${formatCount(promptTokens)} / ${formatCount(outputTokens)}`
        }
        why={notTold}
      />
    ),
  },
  { id: 'error', header: 'Error', width: 140, grow: 1, cell: ({ error }) => error },
]
