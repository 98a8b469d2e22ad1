import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConditionDeps, Conditions } from './conditions.ts'
import { readProcessorHeat } from './linuxHeat.ts'
import { readLinuxPower } from './linuxPower.ts'
import { readNvidiaHeat } from './nvidiaHeat.ts'
import { readTreeTicks } from './processTree.ts'
import { parseCpuTimes, parseResident, parseSwappedOutPages } from './procStat.ts'
import { readText } from './sysfs.ts'

/** /proc/vmstat counts in pages of the kernel; those of ARM kernels may be larger, and then less is told than was swapped. */
const pageBytes = 4096

export function createLinuxConditions(deps: ConditionDeps): Conditions {
  const { root } = deps
  const text = async (path: string) => (await readText(join(root, path))) ?? ''
  return {
    powerEveryMs: 10_000,
    power: () => readLinuxPower(root),
    async heat() {
      const parts = await Promise.allSettled([readProcessorHeat(root), readNvidiaHeat(deps)])
      return parts.flatMap((part) => (part.status === 'fulfilled' ? part.value : []))
    },
    async work(pids) {
      const [stat, vmstat, own] = await Promise.all([text('proc/stat'), text('proc/vmstat'), readTreeTicks(root, pids)])
      const pages = parseSwappedOutPages(vmstat)
      return { cpu: parseCpuTimes(stat), own, swappedOutBytes: pages === null ? null : pages * pageBytes }
    },
    processMemory(pid) {
      try {
        return parseResident(readFileSync(join(root, `proc/${pid}/status`), 'utf8'))
      } catch {
        return null // it has ended, or /proc hides it
      }
    },
  }
}
