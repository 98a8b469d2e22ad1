import type { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import { type ChildProcesses, findCommand } from '../lib/childProcess.ts'
import { type AppleGpu, parseDisplays, parseSysctl, unifiedCapacity } from './appleFacts.ts'
import { parseIoreg } from './ioreg.ts'
import { emptyReading, type Source, SourceError, type SystemMemory } from './source.ts'

export interface AppleSourceDeps {
  readonly now: () => number
  readonly processes: ChildProcesses
  readonly commandFolders: readonly string[]
  readonly systemMemory: () => SystemMemory | null
}

/** `ioreg` is started for each reading: every other second is enough for a chart. */
const everyMs = 2_000

const idOf = (name: string) => `gpu:${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`

/** A Mac's GPUs. macOS tells without root how busy they are and what all programs hold, but not who holds how much. */
export function createAppleSource({ now, processes, commandFolders, systemMemory }: AppleSourceDeps): Source {
  let current: readonly Device[] = []
  let ioreg: string | null = null
  let latest: readonly DeviceReading[] = []
  let readAt = Number.NEGATIVE_INFINITY

  async function run(name: string, args: readonly string[], timeoutMs: number): Promise<string | null> {
    const file = await findCommand([name], commandFolders)
    if (file === null) return null
    return (await processes.run(file, args, { timeoutMs, maxBytes: 8 * 1024 ** 2 })).stdout
  }

  function toDevice(gpu: AppleGpu, wiredLimit: number | null): Device {
    const memoryBytes = systemMemory()?.totalBytes ?? null
    const capacity = gpu.isApple && memoryBytes !== null ? unifiedCapacity(memoryBytes, wiredLimit) : null
    const notes = ['macOS does not tell which process holds how much of its memory, its temperature or its power.']
    if (capacity?.isEstimated === true) notes.unshift('What it may use is estimated: two thirds of the memory.')
    return {
      device: idOf(gpu.name),
      kind: 'gpu',
      vendor: gpu.isApple
        ? 'apple'
        : /intel/i.test(gpu.name)
          ? 'intel'
          : /amd|radeon/i.test(gpu.name)
            ? 'amd'
            : 'unknown',
      name: gpu.name,
      memoryKind: gpu.isApple ? 'unified' : gpu.videoMemoryBytes === null ? 'system' : 'dedicated',
      totalBytes: gpu.isApple ? (capacity?.bytes ?? null) : gpu.videoMemoryBytes,
      driver: null,
      uuid: null,
      pciAddress: null,
      state: 'active',
      source: 'ioreg',
      notes,
    }
  }

  return {
    name: 'ioreg',
    devices: () => current,
    async stop() {},

    async detect() {
      ioreg = await findCommand(['ioreg'], commandFolders)
      if (ioreg === null) throw new SourceError('absent', 'ioreg was not found.')
      const sysctl = parseSysctl((await run('sysctl', ['iogpu.wired_limit_mb'], 5_000)) ?? '')
      const wiredText = sysctl.get('iogpu.wired_limit_mb') ?? ''
      const displays = await run('system_profiler', ['-json', 'SPDisplaysDataType'], 25_000)
      const gpus = displays === null ? [] : parseDisplays(displays)
      if (gpus.length === 0) throw new SourceError('absent', 'system_profiler lists no GPU.')
      current = gpus.map((gpu) => toDevice(gpu, /^\d+$/.test(wiredText) ? Number(wiredText) : null))
    },

    async sample() {
      if (ioreg === null || now() - readAt < everyMs) return latest
      const args = ['-r', '-d', '1', '-w', '0', '-c', 'IOAccelerator']
      const { stdout } = await processes.run(ioreg, args, { timeoutMs: 5_000, maxBytes: 4 * 1024 ** 2 })
      const accelerators = parseIoreg(stdout)
      if (accelerators.length === 0) throw new SourceError('failing', 'ioreg lists no GPU.')
      readAt = now()
      const available = systemMemory()?.availableBytes ?? null
      latest = current.map((device) => {
        const accelerator =
          accelerators.find(({ model }) => model === device.name) ??
          (current.length === 1 && accelerators.length === 1 ? accelerators[0] : undefined)
        const reading = { ...emptyReading(device.device, readAt), utilization: accelerator?.utilization ?? null }
        const { totalBytes } = device
        if (device.memoryKind !== 'unified' || totalBytes === null || available === null) return reading
        const unheld = totalBytes - (accelerator?.inUseBytes ?? 0)
        const freeBytes = Math.max(0, Math.min(unheld, available))
        return { ...reading, freeBytes, usedBytes: totalBytes - freeBytes }
      })
      return latest
    },
  }
}
