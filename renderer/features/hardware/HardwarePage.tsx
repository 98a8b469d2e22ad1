import { SegmentedControl } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import type { HistoryRange } from '../../../shared/contract/hardware.ts'
import { PageHeader } from '../../components/PageHeader.tsx'
import { useHardware } from '../../lib/store.ts'
import { DeviceSection } from './DeviceSection.tsx'
import classes from './HardwarePage.module.css'
import { MachineFacts } from './MachineFacts.tsx'
import { ranges } from './timeline.ts'

export function HardwarePage() {
  const hardware = useHardware()
  const [range, setRange] = useLocalStorage<HistoryRange>({
    key: 'berth-hardware-range',
    defaultValue: '5m',
    getInitialValueInEffect: false,
  })
  if (hardware === null) return null
  return (
    <>
      <PageHeader
        title="Hardware"
        action={
          <SegmentedControl
            aria-label="Time shown"
            data={ranges.map(({ value, label }) => ({ value, label }))}
            value={range}
            onChange={setRange}
          />
        }
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.page} tabIndex={0} aria-label="Devices">
        {hardware.devices.map((device) => (
          <DeviceSection key={device.device} device={device} range={range} />
        ))}
        <MachineFacts hardware={hardware} />
      </section>
    </>
  )
}
