/** Linux `/proc/stat`, `/proc/vmstat`, `/proc/meminfo`, `/proc/<pid>/smaps_rollup` and `/proc/<pid>/status`. */

/** In ticks or milliseconds since the start: only differences mean something. */
export interface CpuTimes {
  readonly busy: number
  readonly total: number
}

export function parseCpuTimes(stat: string): CpuTimes | null {
  const match = /^cpu +(\d[\d ]*)/.exec(stat)
  if (match?.[1] === undefined) return null
  // user nice system idle iowait irq softirq steal; guest and guest_nice are part of user and nice
  const times = match[1].trim().split(' ').slice(0, 8).map(Number)
  const total = times.reduce((sum, time) => sum + time, 0)
  return { total, busy: total - (times[3] ?? 0) - (times[4] ?? 0) }
}

/** 0–1 between two readings; null for the first one and when the counters stepped back. */
export function cpuUtilization(before: CpuTimes | null, after: CpuTimes | null): number | null {
  if (before === null || after === null) return null
  const total = after.total - before.total
  const busy = after.busy - before.busy
  return total <= 0 || busy < 0 ? null : Math.min(1, busy / total)
}

const kilobytesOf = (text: string, key: string): number | null => {
  const match = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)
  return match === null ? null : Number(match[1]) * 1024
}

export function parseMeminfo(text: string): { totalBytes: number | null; availableBytes: number | null } {
  return { totalBytes: kilobytesOf(text, 'MemTotal'), availableBytes: kilobytesOf(text, 'MemAvailable') }
}

/** A process's share of memory: a file that two processes map counts half in each. */
export const parsePss = (smapsRollup: string): number | null => kilobytesOf(smapsRollup, 'Pss')

/** What a process has resident, files it maps counted whole, and the most it ever had. null for kernel threads. */
export function parseResident(status: string): { bytes: number; peakBytes: number | null } | null {
  const bytes = kilobytesOf(status, 'VmRSS')
  return bytes === null ? null : { bytes, peakBytes: kilobytesOf(status, 'VmHWM') }
}

/** Since the start; null where there is no swap to count. */
export const parseSwappedOutPages = (vmstat: string): number | null => {
  const match = /^pswpout (\d+)$/m.exec(vmstat)
  return match === null ? null : Number(match[1])
}

/** `0-3,8` → [0, 1, 2, 3, 8] */
export function parseCpuList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (match === null) return []
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    return Array.from({ length: Math.max(0, Math.min(last - first + 1, 4096)) }, (_, index) => first + index)
  })
}
