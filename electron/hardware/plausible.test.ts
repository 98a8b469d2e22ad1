import { expect, test } from 'vitest'
import { holdsTooMuch, plausibleReading } from './plausible.ts'
import { emptyReading } from './source.ts'

const device = {
  ...{ device: 'gpu:a', kind: 'gpu' as const, vendor: 'amd' as const, name: 'Test', memoryKind: 'dedicated' as const },
  ...{ totalBytes: 100, driver: null, uuid: null, pciAddress: null, state: 'active' as const, source: 'x', notes: [] },
}
const reading = { ...emptyReading('gpu:a', 1_000), usedBytes: 120, freeBytes: -3, utilization: 1.2 }

test('values a little outside are cut, impossible ones are unknown', () => {
  const odd = { ...reading, temperatureCelsius: 65_535, powerWatts: Number.POSITIVE_INFINITY }
  expect(plausibleReading(odd, device, 1_000)).toMatchObject({
    ...{ usedBytes: 100, freeBytes: 0, utilization: 1 },
    ...{ temperatureCelsius: null, powerWatts: null },
  })
  expect(plausibleReading({ ...reading, utilization: Number.NaN }, device, 1_000).utilization).toBeNull()
  expect(holdsTooMuch(reading, device)).toBe(true)
  expect(holdsTooMuch({ ...reading, usedBytes: null }, device)).toBe(false)
})

test('an old reading keeps its age and loses its values', () => {
  expect(plausibleReading(reading, device, 16_000).usedBytes).toBe(100)
  expect(plausibleReading(reading, device, 16_001)).toEqual(emptyReading('gpu:a', 1_000))
})
