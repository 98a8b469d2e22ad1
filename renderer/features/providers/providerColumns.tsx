import type { ReactNode } from 'react'
import type { Provider } from '../../../shared/contract/providers.ts'
import { kindLabel } from '../../../shared/providerKinds.ts'
import { columnsByRank } from '../../components/columnsByRank.ts'
import type { Column } from '../../components/DataTable.tsx'
import { Figure } from '../../components/Figure.tsx'
import { Badge } from '../../components/StateBadge.tsx'
import { formatCount, formatDuration, formatRelative, formatUsd, unknown } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { providerWords } from '../../lib/providers.ts'
import { latencyOf, type SortColumn, todayOf, tokensOf, versionOf } from './providerList.ts'
import classes from './providers.module.css'

type ProviderColumn = Column<Provider> & { readonly id: SortColumn | 'fault' | 'actions' }

const notCounted = 'Berth counts the answers of connected providers, not those of its own engine.'
const whyNoFigure = ({ status }: Provider): string =>
  status.state === 'off'
    ? 'It is switched off.'
    : status.state === 'reachable'
      ? 'It does not tell.'
      : 'It has not answered yet, or does not answer now.'

const rank = ['loaded', 'version', 'latency', 'cost', 'requests', 'tokens', 'fault', 'kind'] as const

export const providerColumns = (rowActions: (provider: Provider) => ReactNode): readonly ProviderColumn[] =>
  columnsByRank(allColumns(rowActions), rank)

const allColumns = (rowActions: (provider: Provider) => ReactNode): readonly ProviderColumn[] => [
  {
    id: 'name',
    header: 'Name',
    width: 144,
    grow: 2,
    sortable: true,
    cell: ({ name, kind }) => (
      <span className={classes.clipped} title={`${name}\n${kindLabel(kind)}`}>
        {name}
      </span>
    ),
  },
  {
    id: 'kind',
    header: 'Kind',
    width: 130,
    sortable: true,
    cell: ({ kind }) => kindLabel(kind),
  },
  {
    id: 'address',
    header: 'Address',
    width: 140,
    grow: 2,
    sortable: true,
    cell: ({ address }) =>
      address === null ? (
        <span className={classes.dim}>part of Berth</span>
      ) : (
        <span className={classes.clipped} title={address}>
          {address.replace(/^http:\/\//, '')}
        </span>
      ),
  },
  { id: 'state', header: 'State', width: 124, sortable: true, cell: (provider) => <State provider={provider} /> },
  {
    id: 'version',
    header: 'Version',
    width: 108,
    sortable: true,
    cell: (provider) => <Clipped text={versionOf(provider) ?? unknown} why={whyNoFigure(provider)} />,
  },
  {
    id: 'latency',
    header: 'Latency',
    tip: 'How long it took to answer the last look at it.',
    width: 76,
    align: 'right',
    sortable: true,
    cell: (provider) => <Figure text={formatDuration(latencyOf(provider))} why={whyNoFigure(provider)} />,
  },
  {
    id: 'models',
    header: 'Models',
    tip: 'Models it lists; while it does not answer, those it listed last.',
    width: 72,
    align: 'right',
    sortable: true,
    cell: ({ models }) => formatCount(models),
  },
  {
    id: 'loaded',
    header: 'Loaded',
    tip: 'Models in its memory now.',
    width: 72,
    align: 'right',
    sortable: true,
    cell: ({ instances }) => formatCount(instances),
  },
  ...todayColumns,
  {
    id: 'fault',
    header: 'Last fault',
    width: 180,
    grow: 2,
    cell: ({ lastFault }) => <LastFault fault={lastFault} />,
  },
  { id: 'actions', header: '', width: 136, align: 'right', onDemand: true, cell: rowActions },
]

const todayColumns: readonly ProviderColumn[] = [
  {
    id: 'requests',
    header: 'Asked today',
    tip: 'Answers given through Berth since midnight UTC.',
    width: 104,
    align: 'right',
    sortable: true,
    cell: (provider) => <Figure text={formatCount(todayOf(provider)?.requests)} why={notCounted} />,
  },
  {
    id: 'tokens',
    header: 'Tokens today',
    tip: 'Read and written through Berth since midnight UTC.',
    width: 112,
    align: 'right',
    sortable: true,
    cell: (provider) => <Figure text={formatCount(tokensOf(todayOf(provider)))} why={notCounted} />,
  },
  {
    id: 'cost',
    header: 'Cost today',
    tip: 'What the provider said it charged since midnight UTC, in US dollars.',
    width: 100,
    align: 'right',
    sortable: true,
    cell: (provider) => (
      <Figure text={formatUsd(todayOf(provider)?.costUsd)} why="It has not told a price for any answer today." />
    ),
  },
]

function State({ provider }: { readonly provider: Provider }) {
  const { tone, word } = providerWords(provider, Date.now())
  return <Badge tone={tone} word={word} />
}

function Clipped({ text, why }: { readonly text: string; readonly why: string }) {
  return (
    <span className={classes.clipped} title={text === unknown ? why : text}>
      {text}
    </span>
  )
}

function LastFault({ fault }: { readonly fault: Provider['lastFault'] }) {
  const now = useNow(10_000)
  if (fault === null) return <span className={classes.dim}>none</span>
  return (
    <span className={classes.clipped} title={`${fault.message}\n${fault.code}`}>
      <span className={classes.dim}>{formatRelative(fault.at, now)}</span> {fault.message}
    </span>
  )
}
