import { z } from 'zod'
import { procedure } from './base.ts'

/**
 * A GPU, or the CPU with its RAM. Identity never is an index: `cpu`, `gpu:<uuid>` or `gpu:<pci address>`.
 * `unified`: CPU and GPU share this memory; it is one device then, counted once.
 */
export const Device = z.object({
  device: z.string(),
  kind: z.enum(['cpu', 'gpu']),
  vendor: z.enum(['nvidia', 'amd', 'intel', 'apple', 'unknown']),
  name: z.string(),
  memoryKind: z.enum(['dedicated', 'unified', 'system']),
  totalBytes: z.number().nullable(),
  driver: z.string().nullable(),
  uuid: z.string().nullable(),
  pciAddress: z.string().nullable(),
  /** asleep: a laptop GPU that is powered down and that Berth does not wake */
  state: z.enum(['active', 'asleep', 'lost']),
  /** which tool or file told, e.g. `nvidia-smi`, `sysfs` */
  source: z.string(),
  /** what is partial, estimated or odd about it, for people */
  notes: z.array(z.string()),
})
export type Device = z.infer<typeof Device>

/** Memory that one process holds on a device; a lower bound where the platform hides some. */
export const DeviceOwner = z.object({ pid: z.number(), name: z.string().nullable(), bytes: z.number().nullable() })
export type DeviceOwner = z.infer<typeof DeviceOwner>

/** One reading of one device. Unknown is null. */
export const DeviceReading = z.object({
  device: z.string(),
  /** when it was read; older than 3 s is stale */
  at: z.number(),
  usedBytes: z.number().nullable(),
  freeBytes: z.number().nullable(),
  /** 0–1 */
  utilization: z.number().min(0).max(1).nullable(),
  temperatureCelsius: z.number().nullable(),
  powerWatts: z.number().nullable(),
  owners: z.array(DeviceOwner),
})
export type DeviceReading = z.infer<typeof DeviceReading>

export const ProbeSource = z.object({
  name: z.string(),
  state: z.enum(['ok', 'absent', 'failing']),
  reason: z.string().nullable(),
  nextAttemptAt: z.number().nullable(),
})
export type ProbeSource = z.infer<typeof ProbeSource>

export const Hardware = z.object({
  os: z.object({ platform: z.string(), name: z.string(), version: z.string().nullable() }),
  cpu: z.object({
    name: z.string().nullable(),
    physicalCores: z.number().nullable(),
    logicalCores: z.number(),
    performanceCores: z.number().nullable(),
    efficiencyCores: z.number().nullable(),
  }),
  memory: z.object({
    totalBytes: z.number(),
    /** the limit of the container Berth runs in; null without one */
    limitBytes: z.number().nullable(),
  }),
  devices: z.array(Device),
  sources: z.array(ProbeSource),
})
export type Hardware = z.infer<typeof Hardware>

export const HistoryRange = z.enum(['5m', '1h', '24h', '7d'])
export type HistoryRange = z.infer<typeof HistoryRange>

/** A point of a chart; a point whose values are all null is a gap. `owners`: bytes by model. */
export const HistoryPoint = z.object({
  at: z.number(),
  usedBytes: z.number().nullable(),
  utilization: z.number().nullable(),
  temperatureCelsius: z.number().nullable(),
  powerWatts: z.number().nullable(),
  owners: z.record(z.string(), z.number()),
})
export type HistoryPoint = z.infer<typeof HistoryPoint>
export const HistoryMark = z.object({
  at: z.number(),
  kind: z.enum(['load', 'unload', 'crash', 'job']),
  label: z.string(),
})
export type HistoryMark = z.infer<typeof HistoryMark>
export const History = z.object({
  device: z.string(),
  range: HistoryRange,
  stepMs: z.number(),
  /** at most 500 */
  points: z.array(HistoryPoint),
  marks: z.array(HistoryMark),
})
export type History = z.infer<typeof History>

export const hardware = {
  get: procedure({ method: 'GET', path: '/hardware', summary: 'What this machine is', access: 'user' }).output(
    Hardware,
  ),
  history: procedure({
    method: 'GET',
    path: '/hardware/history',
    summary: 'One device over time, with what was loaded and unloaded',
    access: 'user',
  })
    .input(z.strictObject({ device: z.string().min(1).max(200), range: HistoryRange }))
    .output(History),
}
