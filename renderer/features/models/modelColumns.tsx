import type { ReactNode } from 'react'
import type { Model, ModelRole } from '../../../shared/contract/models.ts'
import { roleWord } from '../../../shared/modelRole.ts'
import { columnsByRank } from '../../components/columnsByRank.ts'
import type { Column } from '../../components/DataTable.tsx'
import { Figure } from '../../components/Figure.tsx'
import { ProviderChip } from '../../components/ProviderChip.tsx'
import {
  estimated,
  formatDisk,
  formatMemory,
  formatParameters,
  formatSpeed,
  formatTokens,
  unknown,
} from '../../lib/format.ts'
import { useProvider, useResources } from '../../lib/store.ts'
import { Capabilities } from './Capabilities.tsx'
import { FitCell } from './FitCell.tsx'
import { fitModel } from './fitModel.ts'
import { ModelStateBadge } from './ModelStateBadge.tsx'
import type { SortColumn } from './modelList.ts'
import { type ModelRow, otherNames } from './modelRows.ts'
import classes from './models.module.css'
import { priceText } from './priceText.ts'

type ModelColumn = Column<ModelRow> & { readonly id: SortColumn | 'capabilities' | 'actions' }

const rank = ['provider', 'price', 'needs', 'parameters', 'quantization', 'speed', 'context', 'capabilities'] as const

/**
 * Cells that show what changes by itself read it themselves, so that the columns stay the same and no row is drawn again
 * with every reading. Prices stand there only when something has one.
 */
export const modelColumns = (rowActions: (row: ModelRow) => ReactNode, hasPrices: boolean): readonly ModelColumn[] =>
  columnsByRank(allColumns(rowActions, hasPrices), rank)

const allColumns = (rowActions: (row: ModelRow) => ReactNode, hasPrices: boolean): readonly ModelColumn[] => [
  {
    id: 'name',
    header: 'Name',
    width: 208,
    grow: 1,
    sortable: true,
    cell: (row) => <Name row={row} />,
  },
  {
    id: 'provider',
    header: 'Where',
    tip: 'Every place that holds these weights.',
    width: 112,
    sortable: true,
    cell: (row) => <PlaceChips row={row} />,
  },
  {
    id: 'parameters',
    header: 'Parameters',
    width: 96,
    align: 'right',
    sortable: true,
    cell: ({ model }) => (
      <Figure text={formatParameters(model.parameterCount)} why="The file or provider does not tell." />
    ),
  },
  {
    id: 'quantization',
    header: 'Quantisation',
    width: 104,
    sortable: true,
    cell: ({ model }) => <Figure text={model.quantization ?? unknown} why="The file or provider does not tell." />,
  },
  {
    id: 'context',
    header: 'Context',
    tip: 'Tokens the model was trained for.',
    width: 116,
    align: 'right',
    sortable: true,
    cell: ({ model }) => <Figure text={formatTokens(model.contextLength)} why="The file or provider does not tell." />,
  },
  {
    id: 'capabilities',
    header: 'Can',
    tip: 'What its provider says that it can do.',
    width: 132,
    cell: ({ model }) => <Capabilities model={model} most={2} />,
  },
  {
    id: 'size',
    header: 'On disk',
    width: 76,
    align: 'right',
    sortable: true,
    cell: ({ model }) => <Figure text={formatDisk(model.sizeBytes)} why="The provider does not tell." />,
  },
  {
    id: 'needs',
    header: 'Needs',
    tip: 'Memory for a load with the default options, computed before it.',
    width: 84,
    align: 'right',
    sortable: true,
    cell: ({ model }) => (
      <Figure text={estimated(formatMemory(model.estimatedBytes))} why="It could not be computed." />
    ),
  },
  {
    id: 'fits',
    header: 'Fits',
    tip: 'Would it fit in what is free now, and what would stay free afterwards. Computed, not measured.',
    width: 144,
    sortable: true,
    cell: ({ model }) => <Fits model={model} />,
  },
  ...(hasPrices ? [priceColumn] : []),
  {
    id: 'speed',
    header: 'Speed',
    tip: 'Tokens per second, as last measured through Berth: of an answer, or by a benchmark.',
    width: 84,
    align: 'right',
    sortable: true,
    cell: ({ model }) => (
      <Figure
        text={formatSpeed(model.tokensPerSecond)}
        why="Not measured yet: it gave no answer through Berth, and no benchmark was run."
      />
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: 116,
    sortable: true,
    cell: ({ model }) => <ModelStateBadge model={model} />,
  },
  { id: 'actions', header: '', width: 100, align: 'right', onDemand: true, cell: rowActions },
]

const priceColumn: ModelColumn = {
  id: 'price',
  header: 'Price',
  tip: 'US dollars for a million tokens in / out.',
  width: 128,
  align: 'right',
  sortable: true,
  cell: ({ model }) => (
    <Figure text={priceText(model.price)} why="It costs nothing but power, or its price changes with each request." />
  ),
}

/** What most are, or nobody told, is not said. */
const unsaidRoles: readonly ModelRole[] = ['llm', 'unknown']

function Name({ row }: { readonly row: ModelRow }) {
  const { name, model: id, role } = row.model
  const others = otherNames(row)
  return (
    <span className={classes.name} title={[name, id, ...others.map((other) => `also ${other}`)].join('\n')}>
      <span className={classes.nameText}>{name}</span>
      {!unsaidRoles.includes(role) && <span className={classes.role}>{roleWord(role)}</span>}
      {others.length > 0 && (
        <span className={classes.role}>
          +{others.length} {others.length === 1 ? 'name' : 'names'}
        </span>
      )}
    </span>
  )
}

function PlaceChips({ row: { places } }: { readonly row: ModelRow }) {
  const providers = [...new Set(places.map(({ provider }) => provider))]
  return (
    <span className={classes.chips}>
      {providers.map((provider) => (
        <ProviderChip key={provider} provider={provider} />
      ))}
    </span>
  )
}

function Fits({ model }: { readonly model: Model }) {
  const resources = useResources()
  const provider = useProvider(model.provider)
  return <FitCell fit={fitModel(model, resources, provider ?? undefined)} />
}
