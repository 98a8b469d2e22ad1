import { expect, test } from 'vitest'
import type { Device, DeviceReading } from '../../shared/contract/hardware.ts'
import { gigabyte } from './fakeMachine.ts'
import { mergeDevices, mergeReadings } from './mergeDevices.ts'
import { emptyReading } from './source.ts'

const device = (values: Partial<Device> & { device: string }): Device => ({
  kind: 'gpu',
  vendor: 'nvidia',
  name: 'NVIDIA Test',
  memoryKind: 'dedicated',
  totalBytes: 12 * gigabyte,
  driver: null,
  uuid: null,
  pciAddress: null,
  state: 'active',
  source: 'one',
  notes: [],
  ...values,
})
const reading = (id: string, values: Partial<DeviceReading> = {}): DeviceReading => ({
  ...emptyReading(id, 1),
  ...values,
})

test('what two sources say about one card is one record, by UUID, by address, or by name and size', () => {
  const first = device({ device: 'gpu:a', uuid: 'GPU-1', pciAddress: '0000:01:00.0' })
  const others = [
    device({ device: 'gpu:b', uuid: 'GPU-1', name: 'other name', totalBytes: null, source: 'two' }),
    device({ device: 'gpu:b', pciAddress: '0000:01:00.0', name: 'other name', source: 'two' }),
    device({ device: 'gpu:b', name: 'nvidia test', totalBytes: 12 * gigabyte - 1, driver: '32.1', source: 'two' }),
  ]
  for (const other of others) {
    const merged = mergeDevices([[first], [other]])
    expect(merged.devices).toMatchObject([{ device: 'gpu:a', uuid: 'GPU-1', source: 'one, two', driver: other.driver }])
    expect(merged.idOf.get('gpu:b')).toBe('gpu:a')
  }
})

test('cards of another size or vendor stay apart', () => {
  const second = [device({ device: 'gpu:b', totalBytes: 8 * gigabyte }), device({ device: 'gpu:c', vendor: 'amd' })]
  expect(mergeDevices([[device({ device: 'gpu:a' })], second]).devices).toHaveLength(3)
})

test('two equal cards are never mixed up: what cannot be told apart is left out', () => {
  const known = [device({ device: 'gpu:a', uuid: 'GPU-1' }), device({ device: 'gpu:b', uuid: 'GPU-2' })]
  const unclear = [device({ device: 'gpu:test' }), device({ device: 'gpu:test-2' })]
  const merged = mergeDevices([known, unclear])
  expect(merged.devices.map(({ device: id }) => id)).toEqual(['gpu:a', 'gpu:b'])
  const readings = mergeReadings(merged, [reading('gpu:a', { usedBytes: 1 }), reading('gpu:test', { usedBytes: 9 })])
  expect(readings).toMatchObject([{ device: 'gpu:a', usedBytes: 1 }])
})

test('the first source is believed, the second fills what it does not know, and a measured zero stays', () => {
  const merged = mergeDevices([[device({ device: 'gpu:a', uuid: 'GPU-1' })], [device({ device: 'gpu:b' })]])
  const unknownOwner = { pid: 7, name: 'engine', bytes: null }
  const knownOwner = { pid: 7, name: null, bytes: 5 }
  expect(
    mergeReadings(merged, [
      reading('gpu:a', { utilization: 0, owners: [unknownOwner] }),
      reading('gpu:b', { utilization: 0.5, usedBytes: 3, owners: [knownOwner], at: 0 }),
    ]),
  ).toMatchObject([{ device: 'gpu:a', utilization: 0, usedBytes: 3, owners: [knownOwner], at: 0 }])
})
