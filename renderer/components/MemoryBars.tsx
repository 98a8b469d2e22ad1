import { Tooltip } from '@mantine/core'
import { formatMemory } from '../lib/format.ts'
import { deviceTitle, spreadLoad } from '../lib/memoryBar.ts'
import { useResources } from '../lib/store.ts'
import type { PlannedLoad } from '../lib/view.ts'
import { MemoryBar } from './MemoryBar.tsx'
import classes from './MemoryBars.module.css'

/** One line for each device, and over them a chosen load as it would lie there. */
export function MemoryBars({ planned }: { readonly planned: PlannedLoad | null }) {
  const devices = useResources()?.devices ?? []
  const spread = planned === null ? null : spreadLoad(planned.bytes, devices)
  const plannedOn = (device: string) => {
    const bytes = spread?.get(device)
    return planned === null || bytes === undefined ? null : { model: planned.model, bytes }
  }
  return (
    <div className={classes.bars} data-many={devices.length > 3 || undefined}>
      {devices.map((device) => (
        <div key={device.device} className={classes.device}>
          <Tooltip label={`${device.name}${device.stale ? ' (this reading is old)' : ''}`}>
            <span className={classes.name}>{deviceTitle(device, devices)}</span>
          </Tooltip>
          <MemoryBar device={device} planned={plannedOn(device.device)} />
          <span className={classes.total}>{formatMemory(device.totalBytes)}</span>
        </div>
      ))}
    </div>
  )
}
