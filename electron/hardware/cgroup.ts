import { join, posix } from 'node:path'
import { readText } from './sysfs.ts'

/**
 * The memory limit of the container we run in. A parent's limit is not repeated in the leaf, so every level up to the
 * root counts, and the tightest one wins.
 */
export interface MemoryLimit {
  readonly limitBytes: number
  /** what may still be used below every limit; null when the use cannot be read */
  readonly availableBytes: number | null
}

/** One directory that has a limit, with the names of its files (cgroup v2 or v1). */
export interface CgroupLevel {
  readonly folder: string
  readonly version: 1 | 2
}

const fileNames = {
  1: { limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes', cache: 'total_inactive_file' },
  2: { limit: 'memory.max', used: 'memory.current', cache: 'inactive_file' },
} as const

/** `max`, and version 1's 9223372036854771712, mean no limit. */
export function parseLimit(text: string | null, totalBytes: number): number | null {
  if (text === null || !/^\d+$/.test(text)) return null
  const bytes = Number(text)
  return bytes > 0 && bytes < totalBytes ? bytes : null
}

/** The paths of our memory cgroup in `/proc/self/cgroup`, by version. */
export function parseCgroupPaths(text: string): { 1: string | null; 2: string | null } {
  const paths: { 1: string | null; 2: string | null } = { 1: null, 2: null }
  for (const line of text.split('\n')) {
    const [id, controllers = '', ...rest] = line.split(':')
    // a path of another namespace begins with "/..": what lies above our root is not ours to see
    const path = posix.normalize(`/${rest.join(':')}`)
    if (id === '0' && controllers === '') paths[2] = path
    if (controllers.split(',').includes('memory')) paths[1] = path
  }
  return paths
}

/** `/a/b` → `/a/b`, `/a`, `/` */
export function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return Array.from({ length: parts.length + 1 }, (_, index) => `/${parts.slice(0, parts.length - index).join('/')}`)
}

export async function findLimits(root: string, totalBytes: number): Promise<CgroupLevel[]> {
  const paths = parseCgroupPaths((await readText(join(root, 'proc/self/cgroup'))) ?? '')
  const candidates: CgroupLevel[] = []
  const add = (version: 1 | 2, mount: string) => {
    const path = paths[version]
    if (path !== null)
      for (const ancestor of ancestors(path)) candidates.push({ version, folder: join(root, mount, ancestor) })
  }
  add(2, 'sys/fs/cgroup')
  add(2, 'sys/fs/cgroup/unified')
  add(1, 'sys/fs/cgroup/memory')
  const limited = await Promise.all(
    candidates.map(async (level) => {
      const limit = parseLimit(await readText(join(level.folder, fileNames[level.version].limit)), totalBytes)
      return limit === null ? [] : [level]
    }),
  )
  return limited.flat()
}

async function readLevel({ folder, version }: CgroupLevel, totalBytes: number): Promise<MemoryLimit | null> {
  const names = fileNames[version]
  const [limitText, usedText, statText] = await Promise.all([
    readText(join(folder, names.limit)),
    readText(join(folder, names.used)),
    readText(join(folder, 'memory.stat')),
  ])
  const limitBytes = parseLimit(limitText, totalBytes)
  if (limitBytes === null) return null
  if (usedText === null || !/^\d+$/.test(usedText)) return { limitBytes, availableBytes: null }
  // the use includes page cache that the kernel gives back when it is needed
  const cache = Number(new RegExp(`^${names.cache} (\\d+)$`, 'm').exec(statText ?? '')?.[1] ?? 0)
  const used = Math.max(0, Number(usedText) - cache)
  return { limitBytes, availableBytes: Math.max(0, limitBytes - used) }
}

/** The tightest of these levels now; null when none has a limit any more. */
export async function readLimit(levels: readonly CgroupLevel[], totalBytes: number): Promise<MemoryLimit | null> {
  const limits = await Promise.all(levels.map((level) => readLevel(level, totalBytes)))
  return limits.reduce((tightest, limit) => {
    if (tightest === null || limit === null) return tightest ?? limit
    return {
      limitBytes: Math.min(tightest.limitBytes, limit.limitBytes),
      availableBytes: least(tightest.availableBytes, limit.availableBytes),
    }
  }, null)
}

export const least = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)
