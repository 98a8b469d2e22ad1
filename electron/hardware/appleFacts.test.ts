import { expect, test } from 'vitest'
import { parseDisplays, parseSysctl, unifiedCapacity } from './appleFacts.ts'
import { fixture, gigabyte } from './fakeMachine.ts'
import { parseIoreg } from './ioreg.ts'
import { parseVmStatUsedBytes } from './vmStat.ts'

test('a GPU’s use is read by the whole key: resident memory, not the driver’s own or the reserved', async () => {
  expect(parseIoreg(await fixture('ioreg-m4.txt'))).toEqual([
    { model: 'Apple M4', cores: 10, utilization: 0.3, inUseBytes: 356089856 },
  ])
})

test('keys in another order mean the same, missing ones are null, and other nodes are left out', () => {
  const text = [
    '+-o AGXAcceleratorG13X  <class AGXAcceleratorG13X>',
    '    {',
    '      "PerformanceStatistics" = {"Device Utilization %"=0,"recoveryCount"=0}',
    '    }',
    '+-o Something  <class IOService>',
    '    {',
    '    }',
  ].join('\n')
  expect(parseIoreg(text)).toEqual([{ model: null, cores: null, utilization: 0, inUseBytes: null }])
  expect(parseIoreg('')).toEqual([])
})

test('an Apple GPU has no memory of its own, whatever a VRAM key says', async () => {
  const apple = [{ name: 'Apple M1 Pro', isApple: true, videoMemoryBytes: null }]
  const text = await fixture('system-profiler-m1-pro.json')
  expect(parseDisplays(text)).toEqual(apple)
  expect(parseDisplays(text.replace('"sppci_cores"', '"spdisplays_vram":"16 GB","sppci_cores"'))).toEqual(apple)
})

test('the GPUs of an Intel Mac are told apart', () => {
  const json = JSON.stringify({
    SPDisplaysDataType: [
      { _name: 'x', sppci_model: 'Intel UHD Graphics 630', spdisplays_vram_shared: '1536 MB' },
      { _name: 'y', sppci_model: 'AMD Radeon Pro 5500M', spdisplays_vram: '8 GB' },
    ],
  })
  expect(parseDisplays(json)).toEqual([
    { name: 'Intel UHD Graphics 630', isApple: false, videoMemoryBytes: null },
    { name: 'AMD Radeon Pro 5500M', isApple: false, videoMemoryBytes: 8 * gigabyte },
  ])
  expect(() => parseDisplays('{}')).toThrow()
})

test('what the GPU may use is the limit somebody set, else estimated', () => {
  expect(unifiedCapacity(48 * gigabyte, 40_960)).toEqual({ bytes: 40 * gigabyte, isEstimated: false })
  expect(unifiedCapacity(48 * gigabyte, 0)).toEqual({ bytes: 32 * gigabyte, isEstimated: true })
  expect(unifiedCapacity(48 * gigabyte, null)).toEqual({ bytes: 32 * gigabyte, isEstimated: true })
})

test('used memory of a Mac is app memory, wired, and what the compressor occupies', async () => {
  const text = await fixture('vm-stat.txt')
  expect(parseVmStatUsedBytes(text)).toBe((400_000 - 10_000 + 150_000 + 240_000) * 16_384)
  expect(parseVmStatUsedBytes(text.replace(/Pages wired.*\n/, ''))).toBeNull()
  expect(parseVmStatUsedBytes('')).toBeNull()
})

test('a key this Mac lacks is left out', () => {
  expect(parseSysctl('hw.nperflevels: 2\nhw.perflevel0.name: Super\nsysctl: unknown oid\n')).toEqual(
    new Map([
      ['hw.nperflevels', '2'],
      ['hw.perflevel0.name', 'Super'],
    ]),
  )
})
