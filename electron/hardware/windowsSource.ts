import { join } from 'node:path'
import type { Device, DeviceOwner, DeviceReading } from '../../shared/contract/hardware.ts'
import { type ChildProcesses, findCommand } from '../lib/childProcess.ts'
import { emptyReading, type Source, SourceError } from './source.ts'
import { createWatchedLines } from './watchedLines.ts'
import { adapterUsage, counterArguments, engineUsage, parseCounterLine, processUsage } from './windowsCounters.ts'
import { type Adapter, parseAdapters } from './windowsRegistry.ts'

export interface WindowsSourceDeps {
  readonly now: () => number
  readonly processes: ChildProcesses
  readonly commandFolders: readonly string[]
}

const directXKey = 'HKLM\\SOFTWARE\\Microsoft\\DirectX'
const displayClassKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}'
const vendors: Readonly<Record<number, Device['vendor']>> = { 4318: 'nvidia', 4098: 'amd', 32902: 'intel' }
/** engines and processes are counted every tenth time */
const slowestMs = 20_000
/** an integrated GPU has this much of its own at most, and uses the machine's memory */
const integratedBytes = 1024 ** 3

/** Any vendor's GPUs on Windows: the registry once, and one long-lived PowerShell for the counters. */
export function createWindowsSource({ now, processes, commandFolders }: WindowsSourceDeps): Source {
  let adapters: readonly { adapter: Adapter; device: Device }[] = []
  let current: readonly Device[] = []
  let powershell: string | null = null
  let usage: { at: number; bytes: ReadonlyMap<string, number> } | null = null
  let engines: { at: number; shares: ReadonlyMap<string, number> } | null = null
  let holders: readonly { luid: string; pid: number; bytes: number }[] = []

  const lines = createWatchedLines({
    name: 'PowerShell',
    startLines: processes.startLines,
    now,
    firstLineMs: 30_000,
    silentMs: 20_000,
    onLine(line) {
      const counters = parseCounterLine(line)
      if (counters === null) return false
      if (counters.kind === 'adapter') usage = { at: now(), bytes: adapterUsage(counters) }
      else if (counters.kind === 'engine') engines = { at: now(), shares: engineUsage(counters) }
      else holders = processUsage(counters)
      return true
    },
  })

  async function queryRegistry(key: string): Promise<string> {
    const file = await findCommand(['reg.exe', 'reg'], commandFolders)
    if (file === null) throw new SourceError('absent', 'reg.exe was not found.')
    // some subkeys may not be read: what could be read is printed all the same
    return (await processes.run(file, ['query', key, '/s'], { timeoutMs: 15_000, maxBytes: 8 * 1024 ** 2 })).stdout
  }

  function toDevice(adapter: Adapter, id: string): Device {
    const integrated = adapter.dedicatedBytes !== null && adapter.dedicatedBytes < integratedBytes
    return {
      device: id,
      kind: 'gpu',
      vendor: vendors[adapter.vendorId ?? 0] ?? 'unknown',
      name: adapter.name,
      memoryKind: integrated ? 'system' : 'dedicated',
      totalBytes: integrated ? null : adapter.dedicatedBytes,
      driver: adapter.driver,
      uuid: null,
      pciAddress: null,
      state: 'active',
      source: 'Windows GPU counters',
      notes: integrated ? ['Uses the machine’s memory.'] : [],
    }
  }

  function readingOf({ adapter, device }: (typeof adapters)[number], at: number): DeviceReading {
    const usedBytes = device.totalBytes === null ? null : (usage?.bytes.get(adapter.luid) ?? null)
    const isFresh = engines !== null && now() - engines.at < slowestMs
    const owners: DeviceOwner[] = holders
      .filter(({ luid, bytes }) => luid === adapter.luid && bytes > 0)
      .map(({ pid, bytes }) => ({ pid, name: null, bytes }))
    return {
      ...emptyReading(device.device, at),
      usedBytes,
      freeBytes: usedBytes === null || device.totalBytes === null ? null : Math.max(0, device.totalBytes - usedBytes),
      utilization: isFresh ? (engines?.shares.get(adapter.luid) ?? null) : null,
      owners,
    }
  }

  return {
    name: 'Windows GPU counters',
    devices: () => current,
    stop: lines.stop,

    async detect() {
      const found = parseAdapters(await queryRegistry(directXKey), await queryRegistry(displayClassKey))
      if (found.length === 0) throw new SourceError('absent', 'Windows lists no GPU.')
      // the registry knows no address: the name is the identity, and equal cards are told apart by their order
      const counts = new Map<string, number>()
      adapters = found.map((adapter) => {
        const slug = adapter.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
        const count = (counts.get(slug) ?? 0) + 1
        counts.set(slug, count)
        return { adapter, device: toDevice(adapter, count === 1 ? `gpu:${slug}` : `gpu:${slug}-${count}`) }
      })
      current = adapters.map(({ device }) => device)
      powershell = await findCommand(
        ['powershell.exe', 'powershell'],
        commandFolders.flatMap((folder) => [folder, join(folder, 'WindowsPowerShell', 'v1.0')]),
      )
    },

    async sample() {
      if (powershell === null) throw new SourceError('absent', 'PowerShell was not found.')
      if (!lines.isStarted()) lines.start(powershell, counterArguments)
      const end = await lines.check()
      if (end !== null)
        throw new SourceError('failing', `PowerShell ended with code ${end.code ?? 'none'}: ${end.text.slice(0, 300)}`)
      if (usage === null) return null
      const { at, bytes } = usage
      // an entry that no counter knows belongs to a card that was removed
      const present = adapters.filter(({ adapter }) => bytes.has(adapter.luid))
      if (present.length !== current.length) current = present.map(({ device }) => device)
      return present.map((entry) => readingOf(entry, at))
    },
  }
}
