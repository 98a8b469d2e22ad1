import type { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import { emptyReading } from './source.ts'

/** Older values are no longer shown; `at` keeps saying when they were read. */
const oldestMs = 15_000

const within = (value: number | null, low: number, high: number): number | null =>
  value !== null && Number.isFinite(value) && value >= low && value <= high ? value : null

const clamped = (value: number | null, low: number, high: number): number | null =>
  value === null || !Number.isFinite(value) ? null : Math.min(high, Math.max(low, value))

/** A reading as it may be shown: impossible values are null, those a little outside are cut, old ones are gone. */
export function plausibleReading(reading: DeviceReading, device: Device, now: number): DeviceReading {
  if (now - reading.at > oldestMs) return emptyReading(reading.device, reading.at)
  const most = device.totalBytes ?? Number.MAX_SAFE_INTEGER
  return {
    ...reading,
    usedBytes: clamped(reading.usedBytes, 0, most),
    freeBytes: clamped(reading.freeBytes, 0, most),
    utilization: clamped(reading.utilization, 0, 1),
    temperatureCelsius: within(reading.temperatureCelsius, -50, 200),
    powerWatts: within(reading.powerWatts, 0, 5_000),
  }
}

/** More in use than there is: worth a line in the log, once. */
export const holdsTooMuch = (reading: DeviceReading, device: Device): boolean =>
  reading.usedBytes !== null && device.totalBytes !== null && reading.usedBytes > device.totalBytes
