import { totalmem } from 'node:os'
import { clearInterval, setInterval } from 'node:timers'
import type { DeviceReading, Hardware } from '../../shared/contract/hardware.ts'
import { messageOf } from '../lib/appError.ts'
import type { Log } from '../lib/log.ts'
import { createProbe } from './createProbe.ts'
import { basicMachine, type MachineFacts } from './machine.ts'
import { mergeDevices, mergeReadings } from './mergeDevices.ts'
import { holdsTooMuch, plausibleReading } from './plausible.ts'
import type { ProbeDeps } from './probe.ts'
import type { SystemMemory } from './source.ts'
import { createSourceRunner, type SourceRunner } from './sourceRunner.ts'

export interface HardwareDeps extends ProbeDeps {
  readonly log: Log
  /** what does not change; asked once */
  readonly readMachine: (platform: NodeJS.Platform) => Promise<MachineFacts>
}

/** A source that takes longer is shown at the next tick. */
const tickLimitMs = 400
const tickMs = 1_000
/** The clock jumped: the machine slept, and its devices may have changed. */
const sleptMs = 30_000

export interface HardwareService {
  /** Looks for everything again: at the start, after the machine slept, when the user asks. */
  detect(): Promise<Hardware>
  /** as it was last seen */
  hardware(): Hardware
  /** CPU memory as a whole, also where it is counted at a GPU that shares it; null before the first detection */
  memory(): SystemMemory | null
  /** Samples once a second from now on. */
  start(): void
  /** Ends sampling and every child; `start` begins again. */
  stop(): Promise<void>
  /** Reads once now and tells the listeners. Values older than 15 s are null, whatever their source. */
  sample(): Promise<readonly DeviceReading[]>
  readings(): readonly DeviceReading[]
  /** The whole set at each tick. Returns the function that ends it. */
  onReadings(listener: (readings: readonly DeviceReading[]) => void): () => void
  onHardware(listener: (hardware: Hardware) => void): () => void
  close(): Promise<void>
}

/** What the machine is (asked once) and what it is doing (sampled). */
export function createHardwareService(deps: HardwareDeps): HardwareService {
  const { now, log, platform } = deps
  const probe = createProbe(deps)
  const runners = [probe.cpu, ...probe.gpus].map((source) => createSourceRunner(source, deps))
  const [cpuRunner, ...gpuRunners] = runners
  const readingListeners = new Set<(readings: readonly DeviceReading[]) => void>()
  const hardwareListeners = new Set<(hardware: Hardware) => void>()
  /** by the source's own device, so that a source that pauses keeps its last values */
  const latest = new Map<string, DeviceReading>()
  const logged = new Set<string>()
  let machine = basicMachine(platform)
  let merged = mergeDevices([])
  let current = snapshot()
  let currentText = ''
  let readings: readonly DeviceReading[] = []
  let timer: NodeJS.Timeout | null = null
  let ticking: Promise<readonly DeviceReading[]> | null = null
  let detecting: Promise<Hardware> | null = null
  let tickedAt: number | null = null

  function snapshot(): Hardware {
    const memory = probe.cpu.memory()
    const devices = merged.devices.map((device) =>
      device.kind === 'cpu'
        ? { ...device, name: machine.cpu.name ?? device.name, vendor: cpuVendor(machine.cpu.name) }
        : device,
    )
    return {
      ...machine,
      memory: { totalBytes: memory?.totalBytes ?? totalmem(), limitBytes: memory?.limitBytes ?? null },
      devices,
      sources: runners.map((runner) => runner.status()),
    }
  }

  function publishHardware(): void {
    merged = mergeDevices(runners.map((runner) => runner.devices()))
    const next = snapshot()
    const text = JSON.stringify(next)
    if (text === currentText) return
    current = next
    currentText = text
    for (const listener of hardwareListeners) listener(current)
  }

  async function readMachineOnce(): Promise<void> {
    const facts = await deps.readMachine(platform).catch((error: unknown) => {
      log.warn({ reason: messageOf(error) }, 'system facts are not known')
      return basicMachine(platform)
    })
    const kinds = await probe.coreKinds()
    machine = {
      ...facts,
      cpu: {
        ...facts.cpu,
        performanceCores: kinds.performanceCores ?? facts.cpu.performanceCores,
        efficiencyCores: kinds.efficiencyCores ?? facts.cpu.efficiencyCores,
      },
    }
  }

  async function detectAll(): Promise<Hardware> {
    // shared memory is described by the size of the machine's
    await cpuRunner?.detect()
    publishHardware()
    const found = async (work: Promise<void>) => {
      await work
      publishHardware()
    }
    await Promise.all([found(readMachineOnce()), ...gpuRunners.map((runner) => found(runner.detect()))])
    return current
  }

  async function readOne(runner: SourceRunner): Promise<void> {
    for (const reading of await runner.sample()) latest.set(reading.device, reading)
  }

  function checked(): DeviceReading[] {
    return mergeReadings(merged, [...latest.values()]).flatMap((reading) => {
      const device = merged.devices.find(({ device: id }) => id === reading.device)
      if (device === undefined) return []
      if (holdsTooMuch(reading, device) && !logged.has(device.device)) {
        logged.add(device.device)
        log.warn({ device: device.device, source: device.source }, 'a device reports more memory in use than it has')
      }
      return [plausibleReading(reading, device, now())]
    })
  }

  async function tick(): Promise<readonly DeviceReading[]> {
    const slept = tickedAt !== null && now() - tickedAt > sleptMs
    tickedAt = now()
    if (slept) {
      await Promise.all(runners.map((runner) => runner.stop()))
      void detect()
    }
    // the first source's figures are part of what the others say about shared memory
    await withinTick(cpuRunner === undefined ? [] : [readOne(cpuRunner)])
    await withinTick(gpuRunners.map(readOne))
    publishHardware()
    readings = checked()
    for (const listener of readingListeners) listener(readings)
    return readings
  }

  function sample(): Promise<readonly DeviceReading[]> {
    ticking ??= tick().finally(() => {
      ticking = null
    })
    return ticking
  }

  function detect(): Promise<Hardware> {
    detecting ??= detectAll().finally(() => {
      detecting = null
    })
    return detecting
  }

  async function stop(): Promise<void> {
    if (timer !== null) clearInterval(timer)
    timer = null
    tickedAt = null
    await ticking
    await Promise.all(runners.map((runner) => runner.stop()))
  }

  const subscribe = <T>(listeners: Set<(value: T) => void>, listener: (value: T) => void) => {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  return {
    detect,
    sample,
    stop,
    hardware: () => current,
    memory: probe.cpu.memory,
    readings: () => readings,
    start() {
      timer ??= setInterval(() => void sample(), tickMs)
    },
    onReadings: (listener) => subscribe(readingListeners, listener),
    onHardware: (listener) => subscribe(hardwareListeners, listener),
    async close() {
      await stop()
      readingListeners.clear()
      hardwareListeners.clear()
    },
  }
}

const cpuVendor = (name: string | null): Hardware['devices'][number]['vendor'] =>
  (['intel', 'amd', 'apple', 'nvidia'] as const).find((vendor) => (name ?? '').toLowerCase().includes(vendor)) ??
  'unknown'

/** Waits for all of them, but no longer than a tick allows. */
async function withinTick(work: readonly Promise<void>[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, tickLimitMs)
  await Promise.race([Promise.all(work), promise])
  clearTimeout(timer)
}
