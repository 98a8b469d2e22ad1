import { Tooltip } from '@mantine/core'
import type { CSSProperties } from 'react'
import type { DeviceReading } from '../../shared/contract/hardware.ts'
import type { DeviceResources, Instance } from '../../shared/contract/models.ts'
import { inkOn } from '../lib/colors.ts'
import { estimated, formatMemory, formatPercent } from '../lib/format.ts'
import { memoryBar, type Segment } from '../lib/memoryBar.ts'
import { useColor, useInstances, useMirror } from '../lib/store.ts'
import classes from './MemoryBar.module.css'

type MemoryBarProps = {
  readonly device: DeviceResources
  /** ≈ what a chosen load would take on this device */
  readonly planned?: { readonly model: string; readonly bytes: number } | null
}

/** A device's memory in one line: who holds what, what is free, and what a chosen load would take. */
export function MemoryBar({ device, planned = null }: MemoryBarProps) {
  const instances = useInstances()
  const owners = useMirror((mirror) => mirror.readings.get(device.device)?.at(-1)?.owners) ?? []
  const segments = memoryBar(device, planned)
  if (segments === null) return <div className={classes.none}>how much memory it has is not known</div>
  const own = new Set(instances.map(({ pid }) => pid))
  const others = owners.filter(({ pid }) => !own.has(pid))
  const summary = segments.map((segment) => sentenceOf(segment, instances)).join(', ')
  return (
    <div
      className={classes.bar}
      data-stale={device.stale || undefined}
      role="img"
      aria-label={`${summary}, of ${formatMemory(device.totalBytes)}${device.stale ? ', an old reading' : ''}`}
    >
      {segments.map((segment) => (
        <Tooltip key={segment.id} label={<Tip segment={segment} instances={instances} others={others} />}>
          <Piece segment={segment} instances={instances} />
        </Tooltip>
      ))}
    </div>
  )
}

const nameOf = (model: string | null): string => (model === null ? '' : (model.split('/').at(-1) ?? model))

const figure = ({ bytes, estimated: guess }: Segment): string =>
  guess ? estimated(formatMemory(bytes)) : formatMemory(bytes)

const loadingOf = (id: string, instances: readonly Instance[]): string => {
  const instance = instances.find((each) => each.id === id)
  if (instance?.state !== 'loading') return ''
  return instance.progress === null ? ', loading' : `, loading ${formatPercent(instance.progress)}`
}

const sentenceOf = (segment: Segment, instances: readonly Instance[]): string => {
  const words: Record<Segment['kind'], string> = {
    instance: `${segment.model}${loadingOf(segment.id, instances)}`,
    other: 'other programs',
    unknown: 'in use by programs this machine does not name',
    planned: `${segment.model} would take`,
    free: 'free',
    over: `${segment.model} lacks`,
  }
  return `${words[segment.kind]} ${figure(segment)}`
}

type PieceProps = { readonly segment: Segment; readonly instances: readonly Instance[] }

// Mantine's tooltip hands its listeners and ref down as props.
function Piece({ segment, instances, ...rest }: PieceProps & React.HTMLAttributes<HTMLDivElement>) {
  const color = useColor(segment.model ?? '')
  const labels: Record<Segment['kind'], string> = {
    instance: `${nameOf(segment.model)}${loadingOf(segment.id, instances).replace(', loading', '')}`,
    other: 'other',
    unknown: 'in use',
    planned: nameOf(segment.model),
    free: 'free',
    over: '',
  }
  const style: CSSProperties = {
    width: `${segment.share * 100}%`,
    ...(segment.kind === 'instance' ? { background: color, color: inkOn(color) } : {}),
    ...(segment.kind === 'planned' ? ({ '--planned': color } as CSSProperties) : {}),
  }
  return (
    <div {...rest} className={classes.segment} data-kind={segment.kind} style={style}>
      <span className={classes.label}>
        {labels[segment.kind] !== '' && <span className={classes.name}>{labels[segment.kind]}</span>}
        <span className={classes.figure}>
          {figure(segment)}
          {segment.kind === 'over' && ' over'}
        </span>
      </span>
    </div>
  )
}

type TipProps = PieceProps & { readonly others: DeviceReading['owners'] }

const listedOwners = 8

function Tip({ segment, instances, others }: TipProps) {
  if (segment.kind !== 'other' && segment.kind !== 'unknown') return sentenceOf(segment, instances)
  const largest = [...others].sort((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1)).slice(0, listedOwners)
  return (
    <div>
      <div>{sentenceOf(segment, instances)}</div>
      {largest.map(({ pid, name, bytes }) => (
        <div key={pid}>
          {name ?? 'a program without a name'} ({pid}) {formatMemory(bytes)}
        </div>
      ))}
      {others.length > largest.length && <div>and {others.length - largest.length} more</div>}
    </div>
  )
}
