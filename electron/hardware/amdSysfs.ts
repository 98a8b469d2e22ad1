import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { least } from './cgroup.ts'
import { type DrmCard, findHwmon, readScaled } from './drmCard.ts'
import { describePciGpu, type PciGpu } from './pciGpus.ts'
import type { SystemMemory } from './source.ts'
import { readNumber, readText } from './sysfs.ts'

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** An APU has no memory controller of its own to be busy, and a sensor for the voltage of its north bridge. */
async function isApu(gpu: PciGpu, hwmon: string | null): Promise<boolean> {
  if (await exists(join(gpu.folder, 'mem_busy_percent'))) return false
  return hwmon === null || (await exists(join(hwmon, 'in1_input')))
}

/** `mem_info_vram_total` of an APU is what the firmware set aside; the rest it takes from RAM, up to the GTT limit. */
function unifiedMemory(
  vram: { total: number | null; used: number | null },
  gtt: { total: number | null; used: number | null },
  system: SystemMemory | null,
): { totalBytes: number | null; freeBytes: number | null } {
  if (vram.total === null || gtt.total === null) return { totalBytes: null, freeBytes: null }
  const totalBytes = least(vram.total + gtt.total, system === null ? null : system.totalBytes + vram.total)
  if (vram.used === null || gtt.used === null) return { totalBytes, freeBytes: null }
  const shared = least(Math.max(0, gtt.total - gtt.used), system?.availableBytes ?? null) ?? 0
  return { totalBytes, freeBytes: shared + Math.max(0, vram.total - vram.used) }
}

export async function createAmdCard(
  root: string,
  gpu: PciGpu,
  systemMemory: () => SystemMemory | null,
): Promise<DrmCard> {
  const hwmon = await findHwmon(gpu)
  const file = (name: string) => join(gpu.folder, name)
  const readPool = async (pool: 'vram' | 'gtt') => ({
    total: await readNumber(file(`mem_info_${pool}_total`)),
    used: await readNumber(file(`mem_info_${pool}_used`)),
  })
  const described = await describePciGpu(root, gpu, [])
  const name = (await readText(file('product_name'))) || described.name
  const apu = await isApu(gpu, hwmon)
  const vram = await readPool('vram')
  const device = apu
    ? {
        ...described,
        name,
        memoryKind: 'unified' as const,
        totalBytes: unifiedMemory(vram, await readPool('gtt'), systemMemory()).totalBytes,
      }
    : { ...described, name, totalBytes: vram.total }

  return {
    gpu,
    device,
    sharesSystemMemory: apu,
    async read() {
      const [pool, busy, temperatureCelsius, average, input] = await Promise.all([
        readPool('vram'),
        readScaled(file('gpu_busy_percent'), 0.01),
        readScaled(hwmon === null ? null : join(hwmon, 'temp1_input'), 1e-3),
        readScaled(hwmon === null ? null : join(hwmon, 'power1_average'), 1e-6),
        readScaled(hwmon === null ? null : join(hwmon, 'power1_input'), 1e-6),
      ])
      const sensors = { utilization: busy, temperatureCelsius, powerWatts: average ?? input }
      if (!apu) {
        const freeBytes = pool.total === null || pool.used === null ? null : Math.max(0, pool.total - pool.used)
        return { ...sensors, usedBytes: pool.used, freeBytes }
      }
      const { totalBytes, freeBytes } = unifiedMemory(pool, await readPool('gtt'), systemMemory())
      const usedBytes = totalBytes === null || freeBytes === null ? null : totalBytes - freeBytes
      return { ...sensors, usedBytes, freeBytes }
    },
  }
}
