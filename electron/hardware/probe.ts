import type { ChildProcesses } from '../lib/childProcess.ts'
import type { CpuSource } from './cpuSource.ts'
import type { Source } from './source.ts'

export interface ProbeDeps {
  readonly platform: NodeJS.Platform
  /** where sysfs and procfs are found: `/` */
  readonly root: string
  readonly now: () => number
  readonly processes: ChildProcesses
  /** where tools are looked for, in order */
  readonly commandFolders: readonly string[]
  /** the engines: what they hold is read more often than what others do */
  readonly ownPids: () => readonly { pid: number }[]
}

export interface Probe {
  readonly cpu: CpuSource
  /** in the order in which they are believed */
  readonly gpus: readonly Source[]
  coreKinds(): Promise<{ performanceCores: number | null; efficiencyCores: number | null }>
}
