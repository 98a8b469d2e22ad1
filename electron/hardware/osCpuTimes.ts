import { cpus } from 'node:os'
import type { CpuTimes } from './procStat.ts'

/** Of all cores together, from Node; null in a sandbox that hides them. */
export function readOsCpuTimes(): CpuTimes | null {
  const cores = cpus()
  if (cores.length === 0) return null
  const sum = { busy: 0, total: 0 }
  for (const { times } of cores) {
    const busy = times.user + times.nice + times.sys + times.irq
    sum.busy += busy
    sum.total += busy + times.idle
  }
  return sum
}
