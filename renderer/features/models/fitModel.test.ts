import { describe, expect, it } from 'vitest'
import type { DeviceResources, Resources } from '../../../shared/contract/models.ts'
import type { Provider } from '../../../shared/contract/providers.ts'
import { aModel } from '../../lib/testMirror.ts'
import { fitBytes, fitModel, leftAfter } from './fitModel.ts'

const GiB = 2 ** 30

const device = (given: Partial<DeviceResources>): DeviceResources => ({
  device: 'cpu',
  name: 'AMD EPYC',
  kind: 'cpu',
  unified: false,
  totalBytes: 32 * GiB,
  usedBytes: null,
  freeBytes: 20 * GiB,
  otherBytes: null,
  instances: [],
  utilization: null,
  stale: false,
  ...given,
})
const gpu = (freeBytes: number | null, id = 'gpu:a'): DeviceResources =>
  device({ device: id, name: 'NVIDIA GeForce RTX 4090', kind: 'gpu', totalBytes: 24 * GiB, freeBytes })
const withDevices = (...devices: DeviceResources[]): Resources => ({ at: 0, devices })
const remote = { address: 'http://10.0.0.7:11434' } as Provider

describe('what fits', () => {
  it('says how much stays free on the GPU', () => {
    expect(fitBytes(6 * GiB, withDevices(device({}), gpu(10 * GiB)))).toEqual({
      fit: 'yes',
      leftBytes: 4 * GiB,
      where: 'RTX 4090',
    })
  })
  it('is tight when hardly anything stays free', () => {
    expect(fitBytes(9.5 * GiB, withDevices(device({}), gpu(10 * GiB)))).toMatchObject({ fit: 'tight', spills: false })
  })
  it('is tight when a part has to go to RAM', () => {
    expect(fitBytes(15 * GiB, withDevices(device({}), gpu(10 * GiB)))).toEqual({
      fit: 'tight',
      leftBytes: 15 * GiB,
      where: 'RTX 4090 and RAM',
      spills: true,
    })
  })
  it('says how much is missing', () => {
    expect(fitBytes(40 * GiB, withDevices(device({}), gpu(10 * GiB)))).toEqual({
      fit: 'no',
      missingBytes: 10 * GiB,
      where: 'RTX 4090 and RAM',
    })
    expect(fitBytes(21 * GiB, withDevices(device({})))).toEqual({ fit: 'no', missingBytes: GiB, where: 'RAM' })
  })
  it('counts unified memory once', () => {
    const unified = device({ device: 'gpu:0', name: 'Apple M4', kind: 'gpu', unified: true, freeBytes: 10 * GiB })
    expect(fitBytes(11 * GiB, withDevices(unified))).toEqual({ fit: 'no', missingBytes: GiB, where: 'M4' })
  })
  it('adds several GPUs up', () => {
    expect(fitBytes(16 * GiB, withDevices(device({}), gpu(10 * GiB), gpu(10 * GiB, 'gpu:b')))).toMatchObject({
      fit: 'yes',
      leftBytes: 4 * GiB,
      where: '2 GPUs together',
    })
  })
  it('is unknown where no device tells its free memory', () => {
    expect(fitBytes(GiB, withDevices(gpu(null)))).toMatchObject({ fit: 'unknown' })
  })
})

describe('what fits of a model', () => {
  const model = aModel('embedded/a', { estimatedBytes: GiB })
  const resources = withDevices(device({}))

  it('is not guessed for another machine, for what is loaded or for what is not loaded by itself', () => {
    expect(fitModel(model, resources, undefined).fit).toBe('yes')
    expect(fitModel(model, resources, remote).fit).toBe('unknown')
    expect(fitModel({ ...model, state: 'loaded' }, resources, undefined).fit).toBe('unknown')
    expect(fitModel({ ...model, loadable: false }, resources, undefined).fit).toBe('unknown')
    expect(fitModel({ ...model, estimatedBytes: null }, resources, undefined).fit).toBe('unknown')
    expect(fitModel(model, null, undefined).fit).toBe('unknown')
  })
  it('sorts what is missing below what is left', () => {
    expect(leftAfter(fitBytes(21 * GiB, resources))).toBe(-GiB)
    expect(leftAfter(fitBytes(GiB, resources))).toBe(19 * GiB)
    expect(leftAfter({ fit: 'unknown', why: '' })).toBeNull()
  })
})
