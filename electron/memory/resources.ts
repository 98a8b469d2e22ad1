import type { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import type { DeviceResources, Instance, InstanceMemory } from '../../shared/contract/models.ts'

/** After this a reading is old news, shown as stale. */
const staleAfterMs = 3000

/**
 * Puts measured figures in the place of reported ones: what a device says that an instance's own process holds.
 * A device that does not list the process keeps what the provider reported.
 */
export const measureInstance = <T extends Pick<Instance, 'pid' | 'memory'>>(
  instance: T,
  readings: readonly DeviceReading[],
): T => {
  if (instance.pid === null) return instance
  const measured = readings.flatMap(({ device, owners }): InstanceMemory[] => {
    const own = owners.filter((owner) => owner.pid === instance.pid && owner.bytes !== null)
    return own.length > 0
      ? [{ device, bytes: own.reduce((sum, owner) => sum + (owner.bytes ?? 0), 0), source: 'measured' }]
      : []
  })
  const covered = new Set(measured.map((entry) => entry.device))
  return { ...instance, memory: [...measured, ...instance.memory.filter((entry) => !covered.has(entry.device))] }
}

/**
 * A provider that knows only "on the GPU" names the device `gpu`; with one GPU it is that one. With several it stays
 * unplaced, and the devices show it under `other`.
 */
export const placeMemory = (memory: readonly InstanceMemory[], devices: readonly Device[]): InstanceMemory[] => {
  const gpus = devices.filter((device) => device.kind === 'gpu')
  const [only] = gpus
  return memory.map((entry) =>
    entry.device === 'gpu' && only && gpus.length === 1 ? { ...entry, device: only.device } : entry,
  )
}

/** On a machine with unified memory the GPU carries it; the CPU beside it, or a GPU that borrows RAM, has none of its own. */
const hasOwnMemory = ({ kind, memoryKind }: Device): boolean =>
  memoryKind === (kind === 'cpu' ? 'system' : 'unified') || memoryKind === 'dedicated'

const sum = (parts: readonly (number | null)[]): number | null =>
  parts.length === 0 || parts.includes(null) ? null : parts.reduce<number>((all, part) => all + (part ?? 0), 0)

/** All memory a model could ever use here; null when a part of it is unknown. */
export const capacityBytes = (devices: readonly Device[]): number | null =>
  sum(devices.filter(hasOwnMemory).map((device) => device.totalBytes))

/** The memory bars: what is in each device, as far as it is known. */
export const describeResources = (
  devices: readonly Device[],
  readings: readonly DeviceReading[],
  instances: readonly Instance[],
  now: number,
): DeviceResources[] =>
  devices.filter(hasOwnMemory).map(({ device, name, kind, memoryKind, totalBytes }) => {
    const reading = readings.find((candidate) => candidate.device === device)
    const held = instances.flatMap(({ id, model, memory }) =>
      memory
        .filter((entry) => entry.device === device)
        .map(({ bytes, source }) => ({ instance: id, model, bytes, source })),
    )
    const known = held.reduce((sum, entry) => sum + (entry.bytes ?? 0), 0)
    const used = reading?.usedBytes ?? null
    return {
      device,
      name,
      kind,
      unified: memoryKind === 'unified',
      totalBytes,
      usedBytes: used,
      freeBytes: reading?.freeBytes ?? (used === null || totalBytes === null ? null : Math.max(0, totalBytes - used)),
      otherBytes: used === null ? null : Math.max(0, used - known),
      instances: held,
      utilization: reading?.utilization ?? null,
      stale: !reading || now - reading.at > staleAfterMs,
    }
  })

/** All memory a model could lie in, and what of it is free now; null when a part of it is unknown. */
export const roomOf = (devices: readonly DeviceResources[]) => ({
  totalBytes: sum(devices.map(({ totalBytes }) => totalBytes)),
  freeBytes: sum(devices.map(({ freeBytes }) => freeBytes)),
})
