import type { Device, DeviceReading } from '../../shared/contract/hardware.ts'

/**
 * One thing that tells about devices: a tool, a driver's files, an operating system's counters. It may throw at any
 * time; `sourceRunner.ts` gives it a time limit and backs off, so that it never holds up another.
 */
export interface Source {
  readonly name: string
  /** Finds what it knows. Wakes no sleeping GPU. */
  detect(): Promise<void>
  /** A new array whenever something about a device changed. */
  devices(): readonly Device[]
  /**
   * The newest reading of each device; called once a second at most. Unknown values are null, `at` is when it was read.
   * null: it has begun, but nothing has come yet, which says neither that it works nor that it fails.
   */
  sample(): Promise<readonly DeviceReading[] | null>
  /** Ends its children and handles; the next `sample` begins again. */
  stop(): Promise<void>
}

/**
 * absent: this machine does not have it, which is no fault. failing: tried again later. changed: tried again later, and
 * its devices are looked for again first (driver replaced, GPU lost).
 */
export class SourceError extends Error {
  readonly kind: 'absent' | 'failing' | 'changed'

  constructor(kind: 'absent' | 'failing' | 'changed', message: string) {
    super(message)
    this.name = 'SourceError'
    this.kind = kind
  }
}

export interface SystemMemory {
  readonly totalBytes: number
  /** of the container Berth runs in; null without one */
  readonly limitBytes: number | null
  /** what can still be used, container limit respected */
  readonly availableBytes: number | null
}

export const emptyReading = (device: string, at: number): DeviceReading => ({
  device,
  at,
  usedBytes: null,
  freeBytes: null,
  utilization: null,
  temperatureCelsius: null,
  powerWatts: null,
  owners: [],
})
