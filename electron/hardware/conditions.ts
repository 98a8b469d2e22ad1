import type { ChildProcesses } from '../lib/childProcess.ts'
import { createDarwinConditions } from './conditions.darwin.ts'
import { createLinuxConditions } from './conditions.linux.ts'
import { createWindowsConditions } from './conditions.windows.ts'
import type { CpuTimes } from './procStat.ts'

export interface ConditionDeps {
  readonly platform: NodeJS.Platform
  /** where sysfs and procfs are found: `/` */
  readonly root: string
  readonly processes: ChildProcesses
  /** where tools are looked for, in order */
  readonly commandFolders: readonly string[]
}

export interface Power {
  /** null: not told */
  readonly onBattery: boolean | null
  /** in words, as the system names it */
  readonly mode: string | null
  /** does this mode save power at the cost of speed? */
  readonly isSaving: boolean | null
}

/** What a part tells of its being slowed down because of heat, since it was switched on: only differences mean something. */
export interface Heat {
  readonly id: string
  /** for people */
  readonly name: string
  readonly count: number | null
  readonly ms: number | null
  /** at this moment */
  readonly isSlowed: boolean | null
}

interface Work {
  /** of all cores together, in ticks or milliseconds since the start */
  readonly cpu: CpuTimes | null
  /** the part of `cpu.busy` that these processes and their children had, in the same unit */
  readonly own: number | null
  readonly swappedOutBytes: number | null
}

/**
 * What explains why a machine is slower than it could be. Asked when somebody measures; never once a second. Unknown is null,
 * and nothing here rejects.
 */
export interface Conditions {
  power(): Promise<Power>
  heat(): Promise<readonly Heat[]>
  work(pids: readonly number[]): Promise<Work>
  /** Resident memory of a process now, and at most; null: gone, somebody else's, or not told here. Takes microseconds. */
  processMemory(pid: number): { readonly bytes: number; readonly peakBytes: number | null } | null
  /** how often `power` may be asked while something is measured; null: asking is itself work */
  readonly powerEveryMs: number | null
}

export function createConditions(deps: ConditionDeps): Conditions {
  switch (deps.platform) {
    case 'darwin':
      return createDarwinConditions(deps)
    case 'win32':
      return createWindowsConditions(deps)
    default:
      return createLinuxConditions(deps)
  }
}
