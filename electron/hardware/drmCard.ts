import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import type { PciGpu } from './pciGpus.ts'
import { readNumber } from './sysfs.ts'

/** A card whose kernel driver tells about it in sysfs. */
export interface DrmCard {
  readonly gpu: PciGpu
  readonly device: Device
  readonly sharesSystemMemory: boolean
  /** Called only while the card is awake. */
  read(): Promise<Pick<DeviceReading, 'usedBytes' | 'freeBytes' | 'utilization' | 'temperatureCelsius' | 'powerWatts'>>
}

/** The sensors' folder; it gets a new number at each start. */
export async function findHwmon(gpu: PciGpu): Promise<string | null> {
  const folder = join(gpu.folder, 'hwmon')
  // integrated cards often have no sensors
  const [name] = await readdir(folder).catch(() => [])
  return name === undefined ? null : join(folder, name)
}

/** The names under which programs open the card: `/dev/dri/card0`, `/dev/dri/renderD128`. */
export async function drmNodes(gpu: PciGpu): Promise<string[]> {
  // a card that no graphics driver holds has none
  const names = await readdir(join(gpu.folder, 'drm')).catch(() => [])
  return names.filter((name) => /^(card|renderD)\d+$/.test(name)).map((name) => `/dev/dri/${name}`)
}

export async function readScaled(path: string | null, factor: number): Promise<number | null> {
  const value = path === null ? null : await readNumber(path)
  return value === null ? null : value * factor
}
