import type { Device, DeviceOwner, DeviceReading } from '../../shared/contract/hardware.ts'

/** Devices as people count them, and where the readings of each source's own records belong (null: nowhere). */
export interface Merged {
  readonly devices: readonly Device[]
  readonly idOf: ReadonlyMap<string, string | null>
}

const looksLike = (a: Device, b: Device): boolean =>
  a.vendor === b.vendor &&
  a.name.toLowerCase() === b.name.toLowerCase() &&
  (a.totalBytes === null || b.totalBytes === null || Math.abs(a.totalBytes - b.totalBytes) <= a.totalBytes / 100)

const isSame = (a: Device, b: Device): boolean =>
  (a.uuid !== null && a.uuid === b.uuid) || (a.pciAddress !== null && a.pciAddress === b.pciAddress)

const combine = (first: Device, second: Device): Device => ({
  ...first,
  totalBytes: first.totalBytes ?? second.totalBytes,
  driver: first.driver ?? second.driver,
  uuid: first.uuid ?? second.uuid,
  pciAddress: first.pciAddress ?? second.pciAddress,
  source: `${first.source}, ${second.source}`,
  notes: [...first.notes, ...second.notes],
})

/**
 * One record for one physical device: by UUID, by PCI address, else by name and size where that is clear. Two equal
 * cards without an address cannot be told apart: what the later source says about them is left out.
 */
export function mergeDevices(groups: readonly (readonly Device[])[]): Merged {
  const devices: Device[] = []
  const idOf = new Map<string, string | null>()
  for (const group of groups) {
    const earlier = [...devices]
    for (const device of group) {
      const alike = earlier.filter((other) => looksLike(other, device))
      const clear = alike.length === 1 && group.filter((other) => looksLike(other, device)).length === 1
      const same = earlier.find((other) => isSame(other, device)) ?? (clear ? alike[0] : undefined)
      if (same !== undefined) {
        devices.splice(
          devices.findIndex(({ device: id }) => id === same.device),
          1,
          combine(same, device),
        )
        idOf.set(device.device, same.device)
      } else if (alike.length > 0 && device.pciAddress === null && device.uuid === null) {
        idOf.set(device.device, null)
      } else {
        devices.push(device)
        idOf.set(device.device, device.device)
      }
    }
  }
  return { devices: countMemoryOnce(devices), idOf }
}

/**
 * Memory that CPU and GPU share stands at one device. It is the GPU's where the GPU is what models run on; then the CPU
 * says `unified` and has no figures of its own. Beside a GPU with its own memory an integrated one is only a display
 * adapter, and the memory is the CPU's.
 */
function countMemoryOnce(devices: readonly Device[]): Device[] {
  const hasDedicated = devices.some(
    ({ kind, memoryKind, totalBytes }) => kind === 'gpu' && memoryKind === 'dedicated' && totalBytes !== null,
  )
  const hasUnified = !hasDedicated && devices.some(({ memoryKind }) => memoryKind === 'unified')
  return devices.map((device) => {
    if (device.kind === 'gpu' && device.memoryKind === 'unified' && hasDedicated)
      return {
        ...device,
        memoryKind: 'system',
        totalBytes: null,
        notes: [...device.notes, 'Uses the machine’s memory, which is counted at the CPU.'],
      }
    if (device.kind === 'cpu' && hasUnified)
      return {
        ...device,
        memoryKind: 'unified',
        totalBytes: null,
        notes: [...device.notes, 'Shares its memory with the GPU, where it is counted.'],
      }
    return device
  })
}

function addOwners(first: readonly DeviceOwner[], second: readonly DeviceOwner[]): DeviceOwner[] {
  const byPid = new Map(first.map((owner) => [owner.pid, owner]))
  for (const owner of second) {
    const known = byPid.get(owner.pid)
    const bytes =
      known === undefined || known.bytes === null
        ? owner.bytes
        : owner.bytes === null
          ? known.bytes
          : known.bytes + owner.bytes
    byPid.set(owner.pid, { pid: owner.pid, name: known?.name ?? owner.name, bytes })
  }
  return [...byPid.values()]
}

const combineReadings = (first: DeviceReading, second: DeviceReading): DeviceReading => ({
  device: first.device,
  at: Math.min(first.at, second.at),
  usedBytes: first.usedBytes ?? second.usedBytes,
  freeBytes: first.freeBytes ?? second.freeBytes,
  utilization: first.utilization ?? second.utilization,
  temperatureCelsius: first.temperatureCelsius ?? second.temperatureCelsius,
  powerWatts: first.powerWatts ?? second.powerWatts,
  owners: first.owners.some(({ bytes }) => bytes !== null)
    ? first.owners
    : second.owners.length > 0
      ? second.owners
      : first.owners,
})

/** The sources' readings, in the order of the sources, as readings of the merged devices. */
export function mergeReadings({ devices, idOf }: Merged, readings: readonly DeviceReading[]): DeviceReading[] {
  const byDevice = new Map<string, DeviceReading>()
  for (const reading of readings) {
    const device = idOf.get(reading.device)
    if (device === undefined || device === null) continue
    const earlier = byDevice.get(device)
    const own = { ...reading, device }
    byDevice.set(device, earlier === undefined ? own : combineReadings(earlier, own))
  }
  const cpu = byDevice.get('cpu')
  const unified = devices.find(({ kind, memoryKind }) => kind === 'gpu' && memoryKind === 'unified')
  const shared = unified === undefined ? undefined : byDevice.get(unified.device)
  const cpuIsUnified = devices.some(({ kind, memoryKind }) => kind === 'cpu' && memoryKind === 'unified')
  if (cpu !== undefined && cpuIsUnified) {
    byDevice.set('cpu', { ...cpu, usedBytes: null, freeBytes: null, owners: [] })
    if (shared !== undefined) byDevice.set(shared.device, { ...shared, owners: addOwners(shared.owners, cpu.owners) })
  }
  return devices.flatMap(({ device }) => byDevice.get(device) ?? [])
}
