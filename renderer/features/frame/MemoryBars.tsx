import { Tooltip } from '@mantine/core'
import { MemoryBar } from '../../components/MemoryBar.tsx'
import { formatMemory } from '../../lib/format.ts'
import { deviceTitle, spreadLoad } from '../../lib/memoryBar.ts'
import { useResources } from '../../lib/store.ts'
import { useView } from '../../lib/view.ts'
import classes from './Frame.module.css'

export function MemoryBars() {
  const devices = useResources()?.devices ?? []
  const planned = useView((view) => view.plannedLoad)
  const spread =
    planned === null
      ? new Map<string, number>()
      : planned.device === null
        ? spreadLoad(planned.bytes, devices)
        : new Map([[planned.device, planned.bytes]])
  const plannedOn = (device: string) => {
    const bytes = spread.get(device)
    return planned === null || bytes === undefined ? null : { model: planned.model, bytes }
  }
  return (
    <div className={classes.bars} data-many={devices.length > 3 || undefined}>
      {devices.map((device) => (
        <div key={device.device} className={classes.device}>
          <Tooltip label={`${device.name}${device.stale ? ' (this reading is old)' : ''}`}>
            <span className={classes.deviceName}>{deviceTitle(device, devices)}</span>
          </Tooltip>
          <MemoryBar device={device} planned={plannedOn(device.device)} />
          <span className={classes.deviceTotal}>{formatMemory(device.totalBytes)}</span>
        </div>
      ))}
    </div>
  )
}
