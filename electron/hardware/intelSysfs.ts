import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DrmCard, findHwmon, readScaled } from './drmCard.ts'
import { describePciGpu, type PciGpu } from './pciGpus.ts'
import { readNumber } from './sysfs.ts'

/** i915 tells it per card, xe per tile; an integrated card has neither. */
async function readVideoMemory(gpu: PciGpu): Promise<number | null> {
  const inFolder = async (folder: string, name: RegExp, file: string) => {
    // the other driver's layout is not there
    const names = (await readdir(folder).catch(() => [])).filter((entry) => name.test(entry))
    const values = await Promise.all(names.map((entry) => readNumber(join(folder, entry, file))))
    return values.reduce<number | null>((sum, value) => (value === null ? sum : (sum ?? 0) + value), null)
  }
  return (
    (await inFolder(join(gpu.folder, 'drm'), /^card\d+$/, 'lmem_total_bytes')) ??
    (await inFolder(gpu.folder, /^tile\d+$/, 'physical_vram_size_bytes'))
  )
}

export async function createIntelCard(root: string, gpu: PciGpu, now: () => number): Promise<DrmCard> {
  const hwmon = await findHwmon(gpu)
  const totalBytes = await readVideoMemory(gpu)
  const integrated = totalBytes === null
  const notes = integrated
    ? ['Uses the machine’s memory; it has none of its own.']
    : ['Used memory and utilisation are those of the processes Berth may see: the driver tells the rest only to root.']
  let energyBefore: { microjoules: number; at: number } | null = null

  async function readPower(): Promise<number | null> {
    const microjoules = hwmon === null ? null : await readNumber(join(hwmon, 'energy1_input'))
    const before = energyBefore
    energyBefore = microjoules === null ? null : { microjoules, at: now() }
    if (microjoules === null || before === null || energyBefore === null || microjoules < before.microjoules)
      return null
    const seconds = (energyBefore.at - before.at) / 1000
    return seconds <= 0 ? null : (microjoules - before.microjoules) / 1e6 / seconds
  }

  return {
    gpu,
    device: {
      ...(await describePciGpu(root, gpu, notes)),
      memoryKind: integrated ? 'system' : 'dedicated',
      totalBytes,
    },
    sharesSystemMemory: integrated,
    async read() {
      const temperature = async (file: string) => readScaled(hwmon === null ? null : join(hwmon, file), 1e-3)
      // xe has its package temperature in the second
      const first = await temperature(gpu.driver === 'xe' ? 'temp2_input' : 'temp1_input')
      return {
        usedBytes: null,
        freeBytes: null,
        utilization: null,
        temperatureCelsius: first,
        powerWatts: await readPower(),
      }
    },
  }
}
