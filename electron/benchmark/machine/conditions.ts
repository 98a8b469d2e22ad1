import type { Disturbance } from '../../../shared/contract/benchmarks.ts'

/** What explains figures and is no device's reading. The hardware domain reads it (`electron/hardware/conditions.ts`). */
export interface MachineConditions {
  power(): Promise<PowerFacts>
  /** One for each part that tells whether it is slowed down because of heat. */
  heat(): Promise<readonly HeatReading[]>
  /** `pids`: whose work, their children's included, is told apart. */
  work(pids: readonly number[]): Promise<WorkReading>
  /** Resident memory of one process, within microseconds, so that each tick can ask; null: gone, somebody else's, or not told here. */
  processMemory(pid: number): ProcessMemory | null
  /** how often `power` may be asked while something is measured; null: asking is itself work */
  readonly powerEveryMs: number | null
}

export interface PowerFacts {
  /** null: not told */
  readonly onBattery: boolean | null
  /** in words, as the system names it */
  readonly mode: string | null
  /** does this mode save power at the cost of speed? */
  readonly isSaving: boolean | null
}

/** Since the machine was switched on: only differences mean something. */
export interface HeatReading {
  readonly id: string
  /** for people: `The processor`, or the name of a GPU */
  readonly name: string
  /** how often, and for how long, it was slowed down because of heat; null: not told */
  readonly count: number | null
  readonly ms: number | null
  /** at this moment */
  readonly isSlowed: boolean | null
}

/** Since the machine was switched on: only differences mean something. */
export interface WorkReading {
  /** time of all cores together, in one unit; null: not told */
  readonly cpu: { readonly busy: number; readonly total: number } | null
  /** the part of `busy` that was ours, in the same unit; null: not told */
  readonly own: number | null
  /** written to swap, by everything; null: not told */
  readonly swappedOutBytes: number | null
}

export interface ProcessMemory {
  readonly bytes: number
  /** the most it ever held */
  readonly peakBytes: number | null
}

/** A disturbance before it has its time. */
export type Finding = Omit<Disturbance, 'at'>
