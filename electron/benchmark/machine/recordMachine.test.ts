import { expect, test } from 'vitest'
import { BenchmarkRecord } from '../../../shared/contract/benchmarks.ts'
import type { Hardware } from '../../../shared/contract/hardware.ts'
import { recordMachine } from './recordMachine.ts'
import { device } from './testMachine.ts'

const hardware = (facts: Partial<Hardware> = {}): Hardware => ({
  os: { platform: 'linux', name: 'Ubuntu', version: '24.04' },
  cpu: { name: 'AMD Ryzen 9', physicalCores: 16, logicalCores: 32, performanceCores: null, efficiencyCores: null },
  memory: { totalBytes: 64, limitBytes: null },
  devices: [device('cpu'), device('gpu:a', { name: 'RTX 4080', driver: '595.71.05', totalBytes: 16 })],
  sources: [],
  ...facts,
})

test('the machine is written down as it is told', () => {
  const record = recordMachine(hardware(), { onBattery: false, mode: 'performance', isSaving: false })
  expect(record).toEqual({
    os: 'Ubuntu 24.04',
    cpu: 'AMD Ryzen 9, 16 cores',
    devices: [
      { device: 'cpu', name: 'cpu', driver: null, totalBytes: 1000 },
      { device: 'gpu:a', name: 'RTX 4080', driver: '595.71.05', totalBytes: 16 },
    ],
    power: { mode: 'performance', onBattery: false },
  })
  expect(BenchmarkRecord.pick({ os: true, cpu: true, devices: true, power: true }).parse(record)).toEqual(record)
})

test('what is not told is unknown, and cores of two kinds are told apart', () => {
  const power = { onBattery: null, mode: null, isSaving: null }
  const cpu = { name: null, physicalCores: null, logicalCores: 2, performanceCores: null, efficiencyCores: null }
  const unknown = hardware({ os: { platform: 'x', name: '', version: null }, cpu, devices: [] })
  expect(recordMachine(unknown, power)).toEqual({
    os: null,
    cpu: null,
    devices: [],
    power: { mode: null, onBattery: null },
  })
  const kinds = { ...cpu, name: 'M4', physicalCores: 10, performanceCores: 4, efficiencyCores: 6 }
  expect(recordMachine(hardware({ cpu: kinds }), power).cpu).toBe('M4, 10 cores, 4 of them for performance')
  const one = { ...cpu, name: 'Xeon', logicalCores: 1 }
  expect(recordMachine(hardware({ cpu: one }), power).cpu).toBe('Xeon, 1 core')
})
