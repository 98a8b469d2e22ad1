import { join } from 'node:path'
import type { Device, DeviceOwner, DeviceReading } from '../../shared/contract/hardware.ts'
import type { ChildProcesses } from '../lib/childProcess.ts'
import { createNvidiaReader, GpuLostError, type NvidiaReader, rowKey, type TimedRow } from './nvidiaReader.ts'
import {
  computeAppsQuery,
  explainExit,
  type GpuRow,
  gpuFields,
  gpuQuery,
  oldGpuFields,
  parseComputeApps,
  parseGpuRow,
  parseMigInstances,
  sharesSystemMemory,
} from './nvidiaSmi.ts'
import { findNvidiaSmi } from './nvidiaTool.ts'
import { describePciGpu, isAsleep, listPciGpus, type PciGpu } from './pciGpus.ts'
import { createSleepPolicy } from './sleepPolicy.ts'
import { emptyReading, type Source, SourceError, type SystemMemory } from './source.ts'
import { readNumber } from './sysfs.ts'

export interface NvidiaSourceDeps {
  readonly platform: NodeJS.Platform
  readonly root: string
  readonly now: () => number
  readonly processes: ChildProcesses
  readonly commandFolders: readonly string[]
  readonly systemMemory: () => SystemMemory | null
}

const maxBytes = 1024 * 1024
/** a GPU that is missing this long from what the others still appear in is lost */
const silentMs = 5_000
const ownersEveryMs = 5_000
/** The list of processes costs a start of nvidia-smi: slow machines are asked less often. */
const ownersPauseFactor = 10

/** What CPU and GPU share, container limit respected. */
const poolOf = (memory: SystemMemory | null): number | null => memory?.limitBytes ?? memory?.totalBytes ?? null
const difference = (whole: number | null, part: number | null): number | null =>
  whole === null || part === null ? null : Math.max(0, whole - part)
const isUnified = (row: GpuRow) => sharesSystemMemory(row.name)

/** NVIDIA's GPUs, by one long-lived `nvidia-smi`. A sleeping one is not woken: only the PCI bus is asked about it. */
export function createNvidiaSource(deps: NvidiaSourceDeps): Source {
  const { platform, root, now, processes, systemMemory } = deps
  const decide = createSleepPolicy(now)
  let command: string | null = null
  let reader: NvidiaReader | null = null
  let pciGpus: readonly PciGpu[] = []
  let current: readonly Device[] = []
  /** by row key: which device a row belongs to */
  const deviceOf = new Map<string, string>()
  let wasQueried = false
  let owners = new Map<string, DeviceOwner[]>()
  let ownersNextAt = 0
  let ownersRunning: AbortController | null = null
  let latest: readonly DeviceReading[] = []

  async function runTool(args: readonly string[], signal?: AbortSignal): Promise<string> {
    if (command === null) throw new SourceError('absent', 'nvidia-smi was not found.')
    const options = { timeoutMs: 20_000, maxBytes, ...(signal === undefined ? {} : { signal }) }
    const { code, stdout, stderr } = await processes.run(command, args, options)
    const meaning = explainExit(code, stdout || stderr)
    if (meaning.kind === 'ok') return stdout
    if (meaning.kind === 'field') throw new SourceError('failing', stdout.trim())
    if (meaning.lostPciAddress !== null) throw new GpuLostError(meaning.reason, meaning.lostPciAddress)
    // a driver without any card is no fault; a card whose driver does not work is
    if (platform === 'linux' && pciGpus.length === 0 && code === 9)
      throw new SourceError('absent', 'There is no NVIDIA card.')
    throw new SourceError(meaning.kind, meaning.reason)
  }

  async function queryGpus(): Promise<GpuRow[]> {
    const parse = (text: string, fields: readonly string[]) =>
      text.split(/\r?\n/).flatMap((line) => parseGpuRow(line, fields) ?? [])
    try {
      return parse(await runTool(gpuQuery(gpuFields)), gpuFields)
    } catch (error) {
      if (!(error instanceof SourceError) || !/not a valid field/.test(error.message)) throw error
      return parse(await runTool(gpuQuery(oldGpuFields)), oldGpuFields)
    }
  }

  function describeRow(row: GpuRow, instances: ReadonlyMap<string, readonly string[]>): Device {
    const known = current.find(
      ({ uuid, pciAddress }) =>
        (uuid !== null && uuid === row.uuid) || (pciAddress !== null && pciAddress === row.pciAddress),
    )
    const profiles = instances.get(row.uuid ?? '') ?? []
    const unified = isUnified(row)
    return {
      // a GPU that was asleep at the start keeps the name it got from its PCI address
      device: known?.device ?? `gpu:${rowKey(row)}`,
      kind: 'gpu',
      vendor: 'nvidia',
      name: row.name ?? known?.name ?? 'NVIDIA GPU',
      memoryKind: unified ? 'unified' : 'dedicated',
      totalBytes: unified ? poolOf(systemMemory()) : row.totalBytes,
      driver: row.driver,
      uuid: row.uuid,
      pciAddress: row.pciAddress,
      state: 'active',
      source: 'nvidia-smi',
      notes: row.isMig ? [`Split by MIG (${profiles.join(', ') || 'no instance'}): its utilisation is not told.`] : [],
    }
  }

  function setState(isThat: (device: Device) => boolean, state: Device['state']): void {
    if (current.some((device) => isThat(device) && device.state !== state))
      current = current.map((device) => (isThat(device) ? { ...device, state } : device))
  }

  async function sleepingAddresses(): Promise<Set<string>> {
    const able = pciGpus.filter(({ canSleep }) => canSleep)
    const asleep = await Promise.all(able.map(isAsleep))
    return new Set(able.filter((_, index) => asleep[index]).map(({ address }) => address))
  }

  async function query(): Promise<void> {
    const rows = await queryGpus()
    if (rows.length === 0) throw new SourceError('failing', 'nvidia-smi printed no GPU.')
    const instances = rows.some(({ isMig }) => isMig)
      ? parseMigInstances(await runTool(['-L']))
      : new Map<string, string[]>()
    const described = rows.map((row) => describeRow(row, instances))
    deviceOf.clear()
    for (const [index, row] of rows.entries()) deviceOf.set(rowKey(row), described[index]?.device ?? '')
    const unheard = pciGpus.filter(({ address }) => !described.some(({ pciAddress }) => pciAddress === address))
    const others = unheard.map((gpu) => describePciGpu(root, gpu, ['The NVIDIA driver does not list it.']))
    current = [...described, ...(await Promise.all(others))]
    wasQueried = true
  }

  async function describeFromPci(notes: readonly string[]): Promise<void> {
    current = await Promise.all(pciGpus.map((gpu) => describePciGpu(root, gpu, notes)))
  }

  /** Runs beside the sampling, so that a slow list of processes never delays a reading. */
  function refreshOwners(): void {
    if (ownersRunning !== null || now() < ownersNextAt) return
    const startedAt = now()
    const abort = new AbortController()
    ownersRunning = abort
    const read = async () => {
      const byDevice = new Map<string, DeviceOwner[]>()
      for (const { uuid, pid, bytes, name } of parseComputeApps(await runTool(computeAppsQuery, abort.signal))) {
        const device = deviceOf.get(uuid)
        if (device !== undefined) byDevice.set(device, [...(byDevice.get(device) ?? []), { pid, name, bytes }])
      }
      owners = byDevice
    }
    void read()
      // who holds the memory is not known then; the readings themselves tell when the tool is broken
      .catch(() => owners.clear())
      .finally(() => {
        ownersNextAt = now() + Math.max(ownersEveryMs, (now() - startedAt) * ownersPauseFactor)
        ownersRunning = null
      })
  }

  async function toReading(key: string, { row, at }: TimedRow): Promise<DeviceReading[]> {
    const device = deviceOf.get(key)
    if (device === undefined) return []
    const memory = isUnified(row) ? systemMemory() : null
    const available = memory?.availableBytes ?? null
    const unified = isUnified(row)
    return [
      {
        ...emptyReading(device, at),
        usedBytes: unified ? difference(poolOf(memory), available) : row.usedBytes,
        freeBytes: unified ? available : row.freeBytes,
        utilization: row.utilization ?? (unified ? await jetsonLoad() : null),
        temperatureCelsius: row.temperatureCelsius,
        powerWatts: row.powerWatts,
        owners: owners.get(device) ?? [],
      },
    ]
  }

  /** Jetson boards tell the load in a file, 0–1000, where nvidia-smi has only a name. */
  async function jetsonLoad(): Promise<number | null> {
    for (const path of ['sys/devices/gpu.0/load', 'sys/devices/platform/gpu.0/load']) {
      const load = await readNumber(join(root, path))
      if (load !== null) return load / 1000
    }
    return null
  }

  async function stopReading(): Promise<void> {
    ownersRunning?.abort()
    owners.clear()
    await reader?.stop()
  }

  return {
    name: 'nvidia-smi',
    devices: () => current,
    stop: stopReading,

    async detect() {
      pciGpus = platform === 'linux' ? (await listPciGpus(root)).filter(({ vendor }) => vendor === 'nvidia') : []
      wasQueried = false
      await stopReading()
      reader = null
      command = await findNvidiaSmi(deps)
      if (command === null) {
        await describeFromPci(['The NVIDIA driver is not installed: only the card’s name is known.'])
        throw new SourceError('absent', 'nvidia-smi was not found: there is no NVIDIA driver.')
      }
      reader = createNvidiaReader({ command, startLines: processes.startLines, now })
      const asleep = await sleepingAddresses()
      if (asleep.size > 0) {
        if (current.length === 0) await describeFromPci([])
        setState(({ pciAddress }) => asleep.has(pciAddress ?? ''), 'asleep')
        return
      }
      try {
        await query()
      } catch (error) {
        const isAbsent = error instanceof SourceError && error.kind === 'absent'
        if (isAbsent || current.length === 0) await describeFromPci([])
        if (error instanceof GpuLostError) setState(({ pciAddress }) => pciAddress === error.pciAddress, 'lost')
        throw error
      }
    },

    async sample() {
      if (reader === null) return []
      const asleep = await sleepingAddresses()
      const canSleep = pciGpus.some((gpu) => gpu.canSleep)
      const idle = latest.every(({ utilization, owners: holders }) => utilization === 0 && holders.length === 0)
      const decision = decide({ canSleep, asleep: asleep.size > 0, idle: latest.length > 0 && idle })
      if (decision === 'asleep') {
        await stopReading()
        latest = []
        setState(({ pciAddress }) => asleep.has(pciAddress ?? ''), 'asleep')
        return current.filter(({ state }) => state === 'asleep').map(({ device }) => emptyReading(device, now()))
      }
      if (decision === 'rest') {
        await stopReading()
        return latest
      }
      if (!wasQueried) await query()
      setState(({ state }) => state === 'asleep', 'active')
      refreshOwners()
      try {
        const rows = await reader.rows()
        if (rows.size === 0) return null
        latest = (await Promise.all([...rows].map(([key, row]) => toReading(key, row)))).flat()
        const newestAt = Math.max(...latest.map(({ at }) => at))
        const silent = latest.filter(({ at }) => newestAt - at > silentMs).map(({ device }) => device)
        setState(({ device, state }) => state === 'active' && silent.includes(device), 'lost')
      } catch (error) {
        await stopReading()
        if (error instanceof GpuLostError) setState(({ pciAddress }) => pciAddress === error.pciAddress, 'lost')
        throw error
      }
      return latest
    },
  }
}
