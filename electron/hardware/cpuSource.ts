import type { Device, DeviceOwner, DeviceReading } from '../../shared/contract/hardware.ts'
import { type CpuTimes, cpuUtilization } from './procStat.ts'
import { emptyReading, type Source, SourceError, type SystemMemory } from './source.ts'

export interface CpuSourceDeps {
  readonly name: string
  readonly now: () => number
  readonly ownPids: () => readonly { pid: number }[]
  readonly readMemory: () => Promise<SystemMemory | null>
  readonly readCpuTimes: () => Promise<CpuTimes | null>
  readonly readTemperature: () => Promise<number | null>
  /** memory of one process; null where the platform does not tell cheaply */
  readonly readOwner: ((pid: number) => Promise<DeviceOwner | null>) | null
}

/**
 * A process that maps a large model takes the kernel tens of milliseconds to add up: it is asked again after 200 times
 * as long as it took, which is half a percent of a core.
 */
const ownerPauseFactor = 200

export interface CpuSource extends Source {
  /** the newest figures, null before the first */
  memory(): SystemMemory | null
}

/** The CPU with its RAM: device `cpu`. */
export function createCpuSource(deps: CpuSourceDeps): CpuSource {
  let current: readonly Device[] = []
  let memory: SystemMemory | null = null
  let times: CpuTimes | null = null
  const owners = new Map<number, { owner: DeviceOwner; nextAt: number }>()

  async function readOwners(): Promise<DeviceOwner[]> {
    const { readOwner, now } = deps
    if (readOwner === null) return []
    const pids = deps.ownPids().map(({ pid }) => pid)
    for (const pid of owners.keys()) if (!pids.includes(pid)) owners.delete(pid)
    for (const pid of pids) {
      const startedAt = now()
      if (startedAt < (owners.get(pid)?.nextAt ?? 0)) continue
      const owner = await readOwner(pid)
      if (owner === null) owners.delete(pid)
      else owners.set(pid, { owner, nextAt: now() + (now() - startedAt) * ownerPauseFactor })
    }
    return [...owners.values()].map(({ owner }) => owner)
  }

  async function readMemory(): Promise<SystemMemory> {
    const read = await deps.readMemory()
    if (read === null) throw new SourceError('failing', 'The system does not tell its memory.')
    memory = read
    return read
  }

  return {
    name: deps.name,
    devices: () => current,
    memory: () => memory,

    async detect() {
      const { totalBytes, limitBytes } = await readMemory()
      current = [
        {
          device: 'cpu',
          kind: 'cpu',
          vendor: 'unknown',
          name: 'CPU',
          memoryKind: 'system',
          totalBytes: limitBytes ?? totalBytes,
          driver: null,
          uuid: null,
          pciAddress: null,
          state: 'active',
          source: deps.name,
          notes: limitBytes === null ? [] : ['Memory is limited by the container Berth runs in.'],
        },
      ]
    },

    async sample(): Promise<DeviceReading[]> {
      const [{ totalBytes, limitBytes, availableBytes }, newTimes, temperatureCelsius, own] = await Promise.all([
        readMemory(),
        deps.readCpuTimes(),
        deps.readTemperature(),
        readOwners(),
      ])
      const utilization = cpuUtilization(times, newTimes)
      times = newTimes
      return [
        {
          ...emptyReading('cpu', deps.now()),
          usedBytes: availableBytes === null ? null : Math.max(0, (limitBytes ?? totalBytes) - availableBytes),
          freeBytes: availableBytes,
          utilization,
          temperatureCelsius,
          owners: own,
        },
      ]
    },

    async stop() {
      times = null
    },
  }
}
