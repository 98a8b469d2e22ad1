import { expect, it } from 'vitest'
import type { DeviceResources } from '../../shared/contract/models.ts'
import { machineMemory } from './machineMemory.ts'

const device = (over: Partial<DeviceResources>): DeviceResources => ({
  device: 'cpu',
  name: 'CPU',
  kind: 'cpu',
  unified: false,
  totalBytes: 64,
  usedBytes: 24,
  freeBytes: 40,
  otherBytes: 24,
  instances: [],
  utilization: null,
  stale: false,
  ...over,
})
const gpu = (over: Partial<DeviceResources> = {}) => device({ kind: 'gpu', totalBytes: 24, freeBytes: 15, ...over })

it('is that of the GPUs together where there are some, else what there is', () => {
  const of = (...devices: DeviceResources[]) => machineMemory({ at: 0, devices })
  expect(of(device({}), gpu())).toEqual({ freeBytes: 15, totalBytes: 24, where: 'the GPU' })
  expect(of(device({}), gpu(), gpu())).toEqual({ freeBytes: 30, totalBytes: 48, where: '2 GPUs together' })
  expect(of(device({}))).toEqual({ freeBytes: 40, totalBytes: 64, where: 'RAM' })
  expect(of(gpu({ unified: true, totalBytes: 96, freeBytes: 50 }))).toEqual({
    freeBytes: 50,
    totalBytes: 96,
    where: 'RAM',
  })
})

it('does not count what one of them does not tell as nothing', () => {
  expect(machineMemory({ at: 0, devices: [gpu(), gpu({ freeBytes: null })] })?.freeBytes).toBeNull()
  expect(machineMemory(null)).toBeNull()
  expect(machineMemory({ at: 0, devices: [] })).toBeNull()
})
