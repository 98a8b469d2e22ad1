import type { MemoryFigures } from '../../../shared/contract/benchmarkResults.ts'
import type { Device, DeviceReading } from '../../../shared/contract/hardware.ts'
import type { MachineWatch, Watched } from '../runner.ts'
import type { MachineConditions, ProcessMemory } from './conditions.ts'
import { joulesOf } from './energy.ts'

export interface MachineWatchDeps {
  /** the latest of each device */
  readonly readings: () => readonly DeviceReading[]
  /** The whole set at each tick. Returns the function that ends it. */
  readonly onReadings: (listener: (readings: readonly DeviceReading[]) => void) => () => void
  readonly devices: () => readonly Device[]
  readonly processMemory: MachineConditions['processMemory']
  /** Unix milliseconds, the clock of the readings */
  readonly now: () => number
}

/** A reading this old tells nothing of now. */
const staleMs = 3_000
/** of each device, at one a second four hours; a longer test keeps its first ones, and its peak all the same */
const mostReadings = 14_400

const highest = (values: readonly (number | null)[]): number | null =>
  values.reduce((most, value) => (value === null ? most : Math.max(value, most ?? value)), null)

/** What one process holds on one device; null where the platform hides it. */
const heldBy = (pid: number | null, reading: DeviceReading): number | null =>
  reading.owners.find((owner) => pid !== null && owner.pid === pid)?.bytes ?? null

/** One device from `begin` to `end`. */
function watchDevice(device: Device, before: DeviceReading | null, pid: number | null) {
  const points: { at: number; watts: number }[] = []
  let peakBytes = before?.usedBytes ?? null
  let processPeakBytes = before === null ? null : heldBy(pid, before)
  let latest: DeviceReading | null = null
  return {
    device,
    points,
    /** Readings that pause keep their time: each is counted once. */
    add(reading: DeviceReading, beganAt: number): void {
      if (reading.at < beganAt || reading.at <= (latest?.at ?? 0)) return
      latest = reading
      peakBytes = highest([peakBytes, reading.usedBytes])
      processPeakBytes = highest([processPeakBytes, heldBy(pid, reading)])
      if (reading.powerWatts !== null && points.length < mostReadings)
        points.push({ at: reading.at, watts: reading.powerWatts })
    },
    figures: (now: number): MemoryFigures => ({
      device: device.device,
      name: device.name,
      beforeBytes: before?.usedBytes ?? null,
      peakBytes,
      afterBytes: latest === null || now - latest.at > staleMs ? null : latest.usedBytes,
      processPeakBytes,
    }),
  }
}
type DeviceWatch = ReturnType<typeof watchDevice>

/**
 * The most resident memory since `first`: the kernel's own high-water mark where it rose meanwhile, which no sampling misses;
 * else the mark is of before, and the highest sample counts.
 */
const residentPeak = (first: ProcessMemory | null, sampled: number | null, last: ProcessMemory | null) => {
  const rose = last !== null && last.peakBytes !== null && last.peakBytes > (first?.peakBytes ?? 0)
  return rose ? last.peakBytes : highest([first?.bytes ?? null, sampled, last?.bytes ?? null])
}

/** Memory and energy of one test, from the readings that come once a second. */
export function createMachineWatch(deps: MachineWatchDeps): MachineWatch {
  const { now } = deps

  function begin(pid: number | null): Watched {
    const beganAt = now()
    const readMemory = () => (pid === null ? null : deps.processMemory(pid))
    const first = readMemory()
    let sampled: number | null = null
    const latest = deps.readings().filter(({ at }) => beganAt - at <= staleMs)
    const watches = new Map(
      deps.devices().map((device) => {
        const before = latest.find((reading) => reading.device === device.device) ?? null
        return [device.device, watchDevice(device, before, pid)]
      }),
    )
    const stop = deps.onReadings((readings) => {
      for (const reading of readings) watches.get(reading.device)?.add(reading, beganAt)
      sampled = highest([sampled, readMemory()?.bytes ?? null])
    })

    return {
      end() {
        stop()
        const endedAt = now()
        for (const reading of deps.readings()) watches.get(reading.device)?.add(reading, beganAt)
        const devices = [...watches.values()]
        const resident = residentPeak(first, sampled, readMemory())
        const memory = devices.map((watch) => withResident(watch, watch.figures(endedAt), resident))
        return {
          memory,
          joules: joulesOf(
            devices.map(({ points }) => points),
            { beganAt, endedAt },
          ),
          processPeakBytes: wholePeak(devices, memory, resident),
        }
      },
    }
  }

  return { readings: deps.readings, begin }
}

/** RAM of its own device is what the process has resident; where a GPU shares the memory, its owners tell it. */
const withResident = ({ device }: DeviceWatch, figures: MemoryFigures, resident: number | null): MemoryFigures =>
  device.kind === 'cpu' && device.memoryKind === 'system'
    ? { ...figures, processPeakBytes: resident ?? figures.processPeakBytes }
    : figures

/** Of all devices together, shared memory counted once; null where its part in RAM is not told. */
function wholePeak(
  devices: readonly DeviceWatch[],
  memory: readonly MemoryFigures[],
  resident: number | null,
): number | null {
  const held = memory.map(({ processPeakBytes }) => processPeakBytes).filter((bytes) => bytes !== null)
  const sum = held.reduce((total, bytes) => total + bytes, 0)
  if (devices.some(({ device }) => device.memoryKind === 'unified')) return highest([resident, sum > 0 ? sum : null])
  return resident === null ? null : sum
}
