import { expect, it } from 'vitest'
import { modelBytes } from './modelBytes.ts'

const device = (peakBytes: number | null, processPeakBytes: number | null) => ({
  device: 'd',
  name: 'D',
  beforeBytes: null,
  peakBytes,
  afterBytes: null,
  processPeakBytes,
})

it('what a model took is the sum over its devices', () => {
  expect(modelBytes([device(9e9, 1e9), device(20e9, 7e9)])).toBe(8e9)
})

it('a device that was nearly empty may leave it out', () => {
  expect(modelBytes([device(9e9, 1e9), device(20e9, 7e9), device(0.3e9, null)])).toBe(8e9)
})

it('it is not known where a device may have held much of it, or nothing tells', () => {
  expect(modelBytes([device(9e9, 1e9), device(8e9, null)])).toBeNull()
  expect(modelBytes([device(9e9, 1e9), device(null, null)])).toBeNull()
  expect(modelBytes([device(9e9, null)])).toBeNull()
  expect(modelBytes([device(9e9, 0)])).toBeNull()
  expect(modelBytes([])).toBeNull()
})
