import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Heat } from './conditions.ts'
import { readNumber } from './sysfs.ts'

const highest = (values: readonly (number | null)[]): number | null =>
  values.reduce((most, value) => (value === null ? most : Math.max(value, most ?? value)), null)

/**
 * How often and how long the processor was slowed down because of heat, since the start. Intel alone counts it, in files of
 * each core; a package's counter stands at each of its cores, so the highest counts and nothing is added up. Times came with
 * Linux 5.6; other processors and virtual machines have none of it.
 */
export async function readProcessorHeat(root: string): Promise<Heat[]> {
  const folder = join(root, 'sys/devices/system/cpu')
  const names = await readdir(folder).catch(() => [])
  const cores = names.filter((name) => /^cpu\d+$/.test(name))
  const read = async (file: string) =>
    highest(await Promise.all(cores.map((core) => readNumber(join(folder, core, 'thermal_throttle', file)))))
  const [coreCount, packageCount, coreMs, packageMs] = await Promise.all([
    read('core_throttle_count'),
    read('package_throttle_count'),
    read('core_throttle_total_time_ms'),
    read('package_throttle_total_time_ms'),
  ])
  const count = highest([coreCount, packageCount])
  const ms = highest([coreMs, packageMs])
  return count === null && ms === null ? [] : [{ id: 'cpu', name: 'The processor', count, ms, isSlowed: null }]
}
