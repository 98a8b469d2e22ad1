import { Badge } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Instance, Model } from '../../../shared/contract/models.ts'
import type { Provider } from '../../../shared/contract/providers.ts'
import type { Column } from '../../components/DataTable.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import {
  estimated,
  formatDisk,
  formatMemory,
  formatParameters,
  formatSpeed,
  formatTokens,
  unknown,
} from '../../lib/format.ts'
import { FitCell } from './FitCell.tsx'
import type { Fit } from './fitModel.ts'
import type { SortColumn } from './modelList.ts'
import classes from './models.module.css'
import { roleWord, whyNotLoadable } from './modelVerbs.ts'

export interface ColumnContext {
  readonly providers: ReadonlyMap<string, Provider>
  readonly instances: ReadonlyMap<string, Instance>
  readonly fitOf: (model: Model) => Fit
  readonly rowActions: (model: Model) => ReactNode
}

type ModelColumn = Column<Model> & { readonly id: SortColumn | 'actions' }

/** A figure, or – with the reason on hover. */
const figure = (text: string, why: string) => (text === unknown ? <span title={why}>{unknown}</span> : text)

/** A column is shown from where it fits beside those that matter more, so that nothing is cut off. */
export const modelColumns = ({ providers, instances, fitOf, rowActions }: ColumnContext): readonly ModelColumn[] => [
  {
    id: 'name',
    header: 'Name',
    width: 176,
    grow: 1,
    sortable: true,
    cell: (model) => (
      <span className={classes.name} title={`${model.name}\n${model.model}`}>
        <span className={classes.nameText}>{model.name}</span>
        {model.role !== 'llm' && <span className={classes.role}>{roleWord(model.role)}</span>}
      </span>
    ),
  },
  {
    id: 'provider',
    header: 'Where',
    width: 112,
    sortable: true,
    shownFrom: 740,
    cell: (model) => (
      <Badge className={classes.chip} variant="default" size="sm" radius="sm">
        {providers.get(model.provider)?.name ?? model.provider}
      </Badge>
    ),
  },
  {
    id: 'parameters',
    header: 'Parameters',
    width: 96,
    align: 'right',
    sortable: true,
    shownFrom: 1024,
    cell: (model) => figure(formatParameters(model.parameterCount), 'The file or provider does not tell.'),
  },
  {
    id: 'quantization',
    header: 'Quantisation',
    width: 104,
    sortable: true,
    shownFrom: 928,
    cell: (model) => figure(model.quantization ?? unknown, 'The file or provider does not tell.'),
  },
  {
    id: 'context',
    header: 'Context',
    tip: 'Tokens the model was trained for.',
    width: 116,
    align: 'right',
    sortable: true,
    shownFrom: 1304,
    cell: (model) => figure(formatTokens(model.contextLength), 'The file or provider does not tell.'),
  },
  {
    id: 'size',
    header: 'On disk',
    width: 76,
    align: 'right',
    sortable: true,
    cell: (model) => figure(formatDisk(model.sizeBytes), 'The provider does not tell.'),
  },
  {
    id: 'needs',
    header: 'Needs',
    tip: 'Memory for a load with the default options, computed before it.',
    width: 84,
    align: 'right',
    sortable: true,
    shownFrom: 824,
    cell: (model) => figure(estimated(formatMemory(model.estimatedBytes)), 'It could not be computed.'),
  },
  {
    id: 'fits',
    header: 'Fits',
    tip: 'Would it fit in what is free now, and what would stay free afterwards. Computed, not measured.',
    width: 136,
    sortable: true,
    cell: (model) => <FitCell fit={fitOf(model)} />,
  },
  {
    id: 'speed',
    header: 'Speed',
    tip: 'Tokens per second of the last answer through Berth.',
    width: 84,
    align: 'right',
    sortable: true,
    shownFrom: 1188,
    cell: (model) => figure(formatSpeed(model.tokensPerSecond), 'Not measured yet: it gave no answer through Berth.'),
  },
  {
    id: 'state',
    header: 'State',
    width: 116,
    sortable: true,
    cell: (model) => {
      const why = whyNotLoadable(model, providers.get(model.provider)?.name ?? model.provider)
      if (why !== null && model.state === 'unloaded' && !model.stale)
        return (
          <span className={classes.dim} title={why}>
            not loadable
          </span>
        )
      return (
        <StateBadge
          state={model.state}
          stale={model.stale}
          progress={instances.get(model.model)?.progress ?? null}
          reason={model.reason}
        />
      )
    },
  },
  { id: 'actions', header: '', width: 100, align: 'right', cell: rowActions },
]
