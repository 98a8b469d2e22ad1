import { describe, expect, it } from 'vitest'
import type { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import type { Instance } from '../../shared/contract/models.ts'
import { anInstance } from '../../test/support/instance.ts'
import { capacityBytes, describeResources, measureInstance, placeMemory } from './resources.ts'

const device = (
  id: string,
  kind: 'cpu' | 'gpu',
  memoryKind: Device['memoryKind'],
  totalBytes: number | null,
): Device => ({
  device: id,
  kind,
  memoryKind,
  totalBytes,
  vendor: 'unknown',
  name: id,
  driver: null,
  uuid: null,
  pciAddress: null,
  state: 'active',
  source: 'test',
  notes: [],
})
const ram = device('cpu', 'cpu', 'system', 1000)
const card = device('gpu:a', 'gpu', 'dedicated', 500)
const reading = (id: string, usedBytes: number | null, owners: DeviceReading['owners'] = []): DeviceReading => ({
  device: id,
  at: 10_000,
  usedBytes,
  freeBytes: null,
  utilization: null,
  temperatureCelsius: null,
  powerWatts: null,
  owners,
})
const instance = (facts: Partial<Instance> = {}): Instance => anInstance('embedded/a', { pid: 7, ...facts })

describe('the memory bars', () => {
  it('split what is used into instances and others', () => {
    const [cpu] = describeResources(
      [ram],
      [reading('cpu', 400)],
      [instance({ memory: [{ device: 'cpu', bytes: 150, source: 'measured' }] })],
      10_000,
    )
    expect(cpu).toMatchObject({
      usedBytes: 400,
      freeBytes: 600,
      otherBytes: 250,
      stale: false,
      instances: [{ model: 'embedded/a', bytes: 150 }],
    })
  })

  it('say unknown where nothing was read, and stale where it was long ago', () => {
    expect(describeResources([ram], [], [], 10_000)[0]).toMatchObject({
      usedBytes: null,
      freeBytes: null,
      otherBytes: null,
      stale: true,
    })
    expect(describeResources([ram], [reading('cpu', 1)], [], 14_000)[0]).toMatchObject({ usedBytes: 1, stale: true })
  })

  it('count shared memory once, at the GPU that carries it', () => {
    const shared = [device('cpu', 'cpu', 'unified', null), device('gpu:apple', 'gpu', 'unified', 800)]
    expect(describeResources(shared, [], [], 0).map((entry) => entry.device)).toEqual(['gpu:apple'])
    expect(capacityBytes(shared)).toBe(800)
    expect(capacityBytes([ram, card, device('gpu:borrows', 'gpu', 'system', null)])).toBe(1500)
    expect(capacityBytes([ram, device('gpu:lost', 'gpu', 'dedicated', null)])).toBeNull()
  })
})

describe('an instance', () => {
  it('is measured where a device lists its process, and reported elsewhere', () => {
    const reported = instance({
      memory: [
        { device: 'cpu', bytes: 1, source: 'reported' },
        { device: 'gpu:a', bytes: 2, source: 'reported' },
      ],
    })
    const owners = [
      { pid: 7, name: null, bytes: 30 },
      { pid: 8, name: null, bytes: 900 },
    ]
    expect(measureInstance(reported, [reading('cpu', 1, owners)]).memory).toEqual([
      { device: 'cpu', bytes: 30, source: 'measured' },
      { device: 'gpu:a', bytes: 2, source: 'reported' },
    ])
  })

  it('that is only known to be on the GPU is on the one there is, or nowhere in particular', () => {
    const memory = [{ device: 'gpu', bytes: 2, source: 'reported' as const }]
    expect(placeMemory(memory, [ram, card])[0]?.device).toBe('gpu:a')
    expect(placeMemory(memory, [card, device('gpu:b', 'gpu', 'dedicated', 1)])[0]?.device).toBe('gpu')
  })
})
