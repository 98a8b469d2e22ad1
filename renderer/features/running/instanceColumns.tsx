import { ActionIcon, Button } from '@mantine/core'
import { ChevronDown, ChevronRight, Gauge } from 'lucide-react'
import { columnsByRank } from '../../components/columnsByRank.ts'
import type { Column } from '../../components/DataTable.tsx'
import { Figure } from '../../components/Figure.tsx'
import { ProviderChip } from '../../components/ProviderChip.tsx'
import { StateBadge } from '../../components/StateBadge.tsx'
import { unloadModel } from '../../lib/actions.ts'
import { openNewBenchmark } from '../../lib/benchmarkDialogs.ts'
import { estimated, formatCount, formatMemory, formatPercent, formatSpeed, formatTokens } from '../../lib/format.ts'
import { useSpeeds } from '../../lib/store.ts'
import { Countdown, Since } from './Countdown.tsx'
import { canUnloadNow, type InstanceRow, shortOptions, sumMemory } from './instanceRows.ts'
import { KeepMenu } from './KeepMenu.tsx'
import { LoadAgain } from './LoadAgain.tsx'
import classes from './running.module.css'
import { Sparkline } from './Sparkline.tsx'

export interface ColumnContext {
  readonly colorOf: (model: string) => string
  readonly isOpen: (row: InstanceRow) => boolean
}

const rank = ['provider', 'speed', 'context', 'computed', 'requests', 'since', 'options']

export const instanceColumns = (context: ColumnContext): readonly Column<InstanceRow>[] =>
  columnsByRank(allColumns(context), rank)

const allColumns = ({ colorOf, isOpen }: ColumnContext): readonly Column<InstanceRow>[] => [
  {
    id: 'model',
    header: 'Model',
    width: 200,
    grow: 2,
    cell: (row) => {
      const Arrow = isOpen(row) ? ChevronDown : ChevronRight
      return (
        <span className={classes.model} title={`${row.name}\n${row.instance.model}`}>
          <Arrow size={16} visibility={row.canChat ? 'visible' : 'hidden'} aria-hidden />
          <span className={classes.swatch} style={{ background: colorOf(row.instance.model) }} aria-hidden />
          <span className={classes.modelName}>{row.name}</span>
          {row.label !== null && <span className={classes.label}>{row.label}</span>}
        </span>
      )
    },
  },
  {
    id: 'provider',
    header: 'Where',
    width: 112,
    cell: ({ instance }) => <ProviderChip provider={instance.provider} />,
  },
  {
    id: 'state',
    header: 'State',
    width: 112,
    cell: ({ instance: { state, progress, reason }, stale }) => (
      <StateBadge state={state} stale={stale} progress={progress} reason={reason} />
    ),
  },
  {
    id: 'memory',
    header: 'Memory',
    tip: 'What the device or the provider says it holds; ≈ where it could only be computed.',
    width: 80,
    align: 'right',
    cell: ({ instance }) => <Memory row={instance} />,
  },
  {
    id: 'computed',
    header: 'Computed',
    tip: 'What was computed before the load.',
    width: 88,
    align: 'right',
    cell: ({ instance }) => (
      <Figure text={estimated(formatMemory(instance.estimatedBytes))} why="It could not be computed." />
    ),
  },
  {
    id: 'context',
    header: 'Context',
    tip: 'Tokens it was loaded for, and how much of that is in use where the provider tells.',
    width: 176,
    align: 'right',
    cell: ({ instance }) => <ContextInUse instance={instance} />,
  },
  {
    id: 'options',
    header: 'Options',
    width: 128,
    grow: 1,
    cell: ({ instance }) => {
      const text = shortOptions(instance.options, instance.gpuLayers)
      return (
        <span className={classes.options} title={text}>
          {text === '' ? 'defaults' : text}
        </span>
      )
    },
  },
  {
    id: 'requests',
    header: 'Requests',
    tip: 'Requests it works on now.',
    width: 80,
    align: 'right',
    cell: ({ instance }) => <Figure text={formatCount(instance.activeRequests)} why="The provider does not tell." />,
  },
  {
    id: 'since',
    header: 'Since',
    width: 88,
    align: 'right',
    cell: ({ instance }) => <Since loadedAt={instance.loadedAt} />,
  },
  {
    id: 'unloads',
    header: 'Unloads',
    tip: 'When it is unloaded by itself if nobody uses it.',
    width: 108,
    align: 'right',
    cell: ({ instance }) => <Countdown expiresAt={instance.expiresAt} />,
  },
  {
    id: 'speed',
    header: 'Speed',
    tip: 'Tokens per second of the last answer through Berth, and of those before it.',
    width: 144,
    align: 'right',
    cell: ({ instance }) => <Speed instance={instance} />,
  },
  // always there and not only under the pointer: this page is for it
  {
    id: 'actions',
    header: '',
    width: 148,
    align: 'right',
    cell: (row) => <RowAction row={row} isOpen={isOpen(row)} />,
  },
]

function ContextInUse({ instance: { contextLength, kvCacheUse } }: { readonly instance: InstanceRow['instance'] }) {
  return (
    <span>
      {kvCacheUse !== null && <span className={classes.options}>{formatPercent(kvCacheUse)} of </span>}
      <Figure text={formatTokens(contextLength)} why="The provider does not tell." />
    </span>
  )
}

function Memory({ row }: { readonly row: InstanceRow['instance'] }) {
  const { bytes, measured } = sumMemory(row.memory)
  const text = formatMemory(bytes)
  return <Figure text={measured ? text : estimated(text)} why="The device does not tell what this model holds." />
}

function Speed({ instance }: { readonly instance: InstanceRow['instance'] }) {
  const speeds = useSpeeds(instance.model).map(({ tokensPerSecond }) => tokensPerSecond)
  return (
    <span className={classes.speed} title={speeds.length < 2 ? undefined : speeds.map(formatSpeed).join(', ')}>
      <Sparkline values={speeds} />
      <Figure
        text={formatSpeed(instance.lastChat?.tokensPerSecond)}
        why="Not measured yet: it gave no answer through Berth."
      />
    </span>
  )
}

function RowAction({ row, isOpen }: { readonly row: InstanceRow; readonly isOpen: boolean }) {
  const { instance } = row
  if (!canUnloadNow(row)) return isOpen ? null : <LoadAgain instance={instance} /> // an open try box has it
  return (
    <span className={classes.rowActions}>
      {row.canMeasure && instance.state === 'loaded' && <BenchmarkAction row={row} />}
      {row.canKeep && instance.state === 'loaded' && <KeepMenu instance={instance} name={row.name} />}
      <Button size="compact-xs" variant="default" onClick={() => void unloadModel(instance.model, instance.id)}>
        {instance.state === 'loading' ? 'Cancel' : 'Unload'}
      </Button>
    </span>
  )
}

/** With the options that it is loaded with now. */
function BenchmarkAction({ row: { instance, name } }: { readonly row: InstanceRow }) {
  return (
    <ActionIcon
      size={24}
      aria-label={`Benchmark ${name}`}
      title="Benchmark it as it is loaded now"
      onClick={() => {
        const { keepAlive: _, ...options } = instance.options
        openNewBenchmark(instance.model, { options })
      }}
    >
      <Gauge size={14} />
    </ActionIcon>
  )
}
