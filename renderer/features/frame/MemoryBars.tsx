import { Tooltip } from '@mantine/core'
import { MemoryBar } from '../../components/MemoryBar.tsx'
import { formatMemory } from '../../lib/format.ts'
import { deviceTitle, likelyDevice } from '../../lib/memoryBar.ts'
import { useResources } from '../../lib/store.ts'
import { useView } from '../../lib/view.ts'
import classes from './Frame.module.css'

export function MemoryBars() {
  const devices = useResources()?.devices ?? []
  const planned = useView((view) => view.plannedLoad)
  const plannedOn = planned === null ? null : (planned.device ?? likelyDevice(devices))
  return (
    <div className={classes.bars} data-many={devices.length > 3 || undefined}>
      {devices.map((device) => (
        <div key={device.device} className={classes.device}>
          <Tooltip label={`${device.name}${device.stale ? ' (this reading is old)' : ''}`}>
            <span className={classes.deviceName}>{deviceTitle(device, devices)}</span>
          </Tooltip>
          <MemoryBar device={device} planned={device.device === plannedOn ? planned : null} />
          <span className={classes.deviceTotal}>{formatMemory(device.totalBytes)}</span>
        </div>
      ))}
    </div>
  )
}
