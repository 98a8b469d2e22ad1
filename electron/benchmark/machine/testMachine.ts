import type { Device, DeviceReading } from '../../../shared/contract/hardware.ts'
import type { HeatReading, MachineConditions, PowerFacts, ProcessMemory, WorkReading } from './conditions.ts'

/** For tests: a machine whose clock and figures are what the test says. */

export const device = (id: string, facts: Partial<Device> = {}): Device => ({
  device: id,
  kind: id === 'cpu' ? 'cpu' : 'gpu',
  vendor: 'unknown',
  name: id,
  memoryKind: id === 'cpu' ? 'system' : 'dedicated',
  totalBytes: 1000,
  driver: null,
  uuid: null,
  pciAddress: null,
  state: 'active',
  source: 'test',
  notes: [],
  ...facts,
})

export function createTestMachine(devices: readonly Device[] = [device('cpu'), device('gpu:a')]) {
  let time = 1_000_000
  let power: PowerFacts = { onBattery: false, mode: 'balanced', isSaving: false }
  let heat: readonly HeatReading[] = []
  let work: WorkReading = { cpu: { busy: 0, total: 0 }, own: 0, swappedOutBytes: 0 }
  let memory: ProcessMemory | null = null
  const latest = new Map<string, DeviceReading>()
  const listeners = new Set<(readings: readonly DeviceReading[]) => void>()
  const asked: string[] = []
  const answer = async <T>(what: string, value: () => T): Promise<T> => {
    asked.push(what)
    return value()
  }
  const readings = () => [...latest.values()]
  const conditions: MachineConditions = {
    powerEveryMs: 5,
    power: () => answer('power', () => power),
    heat: () => answer('heat', () => heat),
    work: (pids) => answer(`work ${pids.join()}`, () => work),
    processMemory: () => memory,
  }
  return {
    conditions,
    asked,
    listeners,
    deps: {
      readings,
      onReadings: (listener: (all: readonly DeviceReading[]) => void) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      devices: () => devices,
      processMemory: () => memory,
      now: () => time,
    },
    pass: (ms: number) => {
      time += ms
    },
    /** A reading of now. */
    read(id: string, facts: Partial<DeviceReading> = {}): void {
      latest.set(id, {
        device: id,
        at: time,
        usedBytes: null,
        freeBytes: null,
        utilization: null,
        temperatureCelsius: null,
        powerWatts: null,
        owners: [],
        ...facts,
      })
    },
    tick(): void {
      for (const listener of listeners) listener(readings())
    },
    set(change: {
      power?: Partial<PowerFacts>
      heat?: readonly HeatReading[]
      work?: Partial<WorkReading>
      memory?: ProcessMemory | null
    }): void {
      power = { ...power, ...change.power }
      heat = change.heat ?? heat
      work = { ...work, ...change.work }
      if (change.memory !== undefined) memory = change.memory
    },
  }
}
