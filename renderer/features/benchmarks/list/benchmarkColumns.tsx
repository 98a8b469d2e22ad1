import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { columnsByRank } from '../../../components/columnsByRank.ts'
import type { Column } from '../../../components/DataTable.tsx'
import { Figure } from '../../../components/Figure.tsx'
import { formatMeasured, formatMs } from '../../../lib/benchmarkFigures.ts'
import { kindWords, settingsWord } from '../../../lib/benchmarks.ts'
import { formatMemory, formatMoment, formatRelative } from '../../../lib/format.ts'
import { useNow } from '../../../lib/now.ts'
import { useMirror } from '../../../lib/store.ts'
import classes from '../benchmarks.module.css'
import { RunState } from '../run/RunState.tsx'
import { disturbedText, modelNameOf, type RunColumn, throughputText } from './benchmarkList.ts'

type BenchmarkColumn = Column<Benchmark> & { readonly id: RunColumn | 'actions' }

const rank = ['kind', 'generation', 'prompt', 'throughput', 'ttft', 'disturbed', 'settings', 'memory'] as const

/** Cells that show what changes by itself read it themselves, so that the columns stay the same. */
export const benchmarkColumns = (rowActions: (run: Benchmark) => ReactNode): readonly BenchmarkColumn[] =>
  columnsByRank(allColumns(rowActions), rank)

const notMeasured = 'This run did not measure it.'

const allColumns = (rowActions: (run: Benchmark) => ReactNode): readonly BenchmarkColumn[] => [
  {
    id: 'when',
    header: 'When',
    width: 92,
    sortable: true,
    cell: ({ createdAt }) => <When at={createdAt} />,
  },
  { id: 'model', header: 'Model', width: 152, grow: 2, sortable: true, cell: (run) => <ModelName run={run} /> },
  { id: 'kind', header: 'Kind', width: 88, sortable: true, cell: ({ kind }) => kindWords[kind] },
  {
    id: 'settings',
    header: 'Settings',
    tip: 'Your note, and the preset.',
    width: 108,
    grow: 1,
    sortable: true,
    cell: (run) => <Settings run={run} />,
  },
  {
    id: 'prompt',
    header: 'Prompt',
    tip: 'Tokens of a prompt that are read per second, at the first length: pp.',
    width: 96,
    align: 'right',
    sortable: true,
    cell: ({ headline }) => (
      <Figure text={formatMeasured(headline.promptTokensPerSecond, 'tokens/s')} why={notMeasured} />
    ),
  },
  {
    id: 'generation',
    header: 'Generation',
    tip: 'Tokens that are generated per second, for the first length: tg.',
    width: 96,
    align: 'right',
    sortable: true,
    cell: ({ headline }) => <Figure text={formatMeasured(headline.tokensPerSecond, 'tokens/s')} why={notMeasured} />,
  },
  {
    id: 'ttft',
    header: 'TTFT',
    tip: 'Time to the first token: the median at the lowest load.',
    width: 80,
    align: 'right',
    sortable: true,
    cell: ({ headline }) => <Figure text={formatMs(headline.ttftMs)} why={notMeasured} />,
  },
  {
    id: 'throughput',
    header: 'Throughput',
    tip: 'The most that all requests together were given, over all loads; of an embedding model the texts at the first batch size.',
    width: 100,
    align: 'right',
    sortable: true,
    cell: (run) => <Figure text={throughputText(run)} why={notMeasured} />,
  },
  {
    id: 'memory',
    header: 'Peak memory',
    tip: 'The most that the model itself took, all devices together.',
    width: 112,
    align: 'right',
    sortable: true,
    cell: ({ headline }) => <Figure text={formatMemory(headline.peakBytes)} why="It is not known of every device." />,
  },
  {
    id: 'disturbed',
    header: 'Disturbed',
    tip: 'Why the figures may be worse than this machine can do.',
    width: 116,
    sortable: true,
    cell: (run) => <Disturbed run={run} />,
  },
  { id: 'state', header: 'State', width: 108, sortable: true, cell: (run) => <RunState run={run} /> },
  { id: 'actions', header: '', width: 44, align: 'right', onDemand: true, cell: rowActions },
]

/** Minutes are enough here, and ten thousand rows are never all on the screen. */
const everyMs = 15_000

function When({ at }: { readonly at: number }) {
  const now = useNow(everyMs)
  return <span title={formatMoment(at, now)}>{formatRelative(at, now)}</span>
}

function ModelName({ run }: { readonly run: Benchmark }) {
  const name = useMirror(({ models }) => modelNameOf(run, models))
  const provider = useMirror(({ providers }) => providers.find((each) => each.provider === run.provider)?.name)
  const where = run.record?.provider.name ?? provider ?? run.provider
  return (
    <span className={classes.name} title={`${name}\n${run.model}`}>
      <span className={classes.nameText}>{name}</span>
      <span className={classes.where}>{where}</span>
    </span>
  )
}

function Settings({ run }: { readonly run: Benchmark }) {
  const word = settingsWord(run)
  return (
    <span className={classes.name} title={run.label === null ? word : `${word}: ${run.label}`}>
      <span className={classes.nameText}>{run.label ?? word}</span>
      {run.label !== null && <span className={classes.where}>{word}</span>}
    </span>
  )
}

function Disturbed({ run }: { readonly run: Benchmark }) {
  const text = disturbedText(run)
  if (text === null) return null
  return (
    <span className={classes.disturbed} title={run.disturbances.map((each) => each.text).join('\n')}>
      <TriangleAlert size={14} aria-hidden />
      <span className={classes.nameText}>{text}</span>
    </span>
  )
}
