import { Button, Skeleton, Text } from '@mantine/core'
import type { Device, HistoryRange } from '../../../shared/contract/hardware.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { formatCelsius, formatMemory, formatPercent, formatWatts } from '../../lib/format.ts'
import { useMirror } from '../../lib/store.ts'
import { DeviceChart, SmallChart } from './DeviceChart.tsx'
import classes from './HardwarePage.module.css'
import { useTimeline } from './useTimeline.ts'

const states: Record<Device['state'], string | null> = {
  active: null,
  asleep: 'asleep: this GPU is powered down, and Berth does not wake it to read it',
  lost: 'lost: the machine no longer answers for this device',
}

type DeviceSectionProps = { readonly device: Device; readonly range: HistoryRange }

export function DeviceSection({ device, range }: DeviceSectionProps) {
  const { timeline, again } = useTimeline(device.device, range)
  const state = states[device.state]
  return (
    <article className={classes.device}>
      <div className={classes.deviceHead}>
        <h2>{device.name}</h2>
        <Text c="dimmed">{memoryWords(device)}</Text>
        <Now device={device} />
      </div>
      {state !== null && <Text c="var(--berth-stale)">{state}</Text>}
      {device.notes.map((note) => (
        <Text key={note} c="dimmed">
          {note}
        </Text>
      ))}
      {timeline.state === 'loading' && <Skeleton height={240} animate={false} aria-label="Reading the history" />}
      {timeline.state === 'failed' && (
        <ErrorView
          failure={timeline.failure}
          title="The history cannot be shown"
          action={
            <Button size="compact-xs" variant="default" onClick={again}>
              Try again
            </Button>
          }
        />
      )}
      {timeline.state === 'ready' && (
        <>
          <DeviceChart history={timeline.history} totalBytes={device.totalBytes} name={device.name} />
          <div className={classes.multiples}>
            <SmallChart
              history={timeline.history}
              title="Temperature"
              read={(point) => point.temperatureCelsius}
              format={formatCelsius}
            />
            <SmallChart
              history={timeline.history}
              title="Power"
              read={(point) => point.powerWatts}
              format={formatWatts}
            />
          </div>
        </>
      )}
    </article>
  )
}

const memoryWords = ({ memoryKind, totalBytes }: Device): string => {
  const kinds: Record<Device['memoryKind'], string> = {
    dedicated: 'of its own',
    unified: 'shared by CPU and GPU',
    system: 'of RAM',
  }
  return totalBytes === null ? 'memory not known' : `${formatMemory(totalBytes)} ${kinds[memoryKind]}`
}

/** The figures of this second, beside the name. Unknown ones are left out: the charts below say the same. */
function Now({ device }: { readonly device: Device }) {
  const reading = useMirror((mirror) => mirror.readings.get(device.device)?.at(-1) ?? null)
  if (reading === null) return null
  const { usedBytes, utilization, temperatureCelsius, powerWatts } = reading
  const figures = [
    usedBytes === null ? null : `${formatMemory(usedBytes)} used`,
    utilization === null ? null : `${formatPercent(utilization)} busy`,
    temperatureCelsius === null ? null : formatCelsius(temperatureCelsius),
    powerWatts === null ? null : formatWatts(powerWatts),
  ].filter((figure) => figure !== null)
  return <Text className={classes.now ?? ''}>{figures.join(' · ')}</Text>
}
