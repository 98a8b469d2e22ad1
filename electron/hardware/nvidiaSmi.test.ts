import { describe, expect, test } from 'vitest'
import { fixture } from './fakeMachine.ts'
import {
  explainExit,
  normalPciAddress,
  numberOf,
  parseComputeApps,
  parseGpuRow,
  parseMigInstances,
  sharesSystemMemory,
  wordOf,
} from './nvidiaSmi.ts'

const mebibyte = 1024 * 1024
const captured =
  'index,uuid,name,pci.bus_id,memory.total,memory.reserved,memory.used,memory.free,utilization.gpu,utilization.memory,temperature.gpu,power.draw,power.limit,pcie.link.gen.gpucurrent,pcie.link.width.current,clocks.current.sm,compute_cap,mig.mode.current,display_active,pstate'.split(
    ',',
  )

describe('a row of --query-gpu', () => {
  test('gives bytes, a fraction, °C and W', async () => {
    const [line = ''] = (await fixture('nvidia-query-gpu.csv')).split('\n')
    expect(parseGpuRow(line, captured)).toEqual({
      uuid: 'GPU-00000000-0000-0000-0000-000000000000',
      name: 'NVIDIA GeForce RTX 4080 SUPER',
      pciAddress: '0000:01:00.0',
      driver: null,
      totalBytes: 16376 * mebibyte,
      usedBytes: 1474 * mebibyte,
      freeBytes: 14470 * mebibyte,
      utilization: 0.07,
      temperatureCelsius: 46,
      powerWatts: 84.24,
      isMig: false,
    })
  })

  test('of a GPU in MIG mode has no utilisation, and of an idle one a measured zero', async () => {
    const lines = (await fixture('nvidia-query-gpu.csv')).trim().split('\n')
    const rows = lines.map((line) => parseGpuRow(line, captured))
    expect(rows.map((row) => row?.utilization)).toEqual([0.07, 1, null, 0])
    expect(rows.map((row) => row?.isMig)).toEqual([false, false, true, false])
    expect(rows.at(-1)?.pciAddress).toBe('0000:0c:00.0')
  })

  test('of an old card, asked in the shape of its reporter', () => {
    const line = '0, GPU-004f693d-767b-b215-b4a9-a18af0ffd643, GeForce GTX TITAN X, 25, 0, 802, 12206'
    const fields = ['index', 'uuid', 'name', 'temperature.gpu', 'utilization.gpu', 'memory.used', 'memory.total']
    expect(parseGpuRow(line, fields)).toMatchObject({
      temperatureCelsius: 25,
      utilization: 0,
      usedBytes: 802 * mebibyte,
      totalBytes: 12206 * mebibyte,
      powerWatts: null,
    })
  })

  test('of a Jetson board has nothing but a name', () => {
    const fields = ['index', 'name', 'uuid', 'pci.bus_id', 'memory.total', 'memory.used', 'utilization.gpu']
    const row = parseGpuRow('0, Orin (nvgpu), [N/A], [N/A], [N/A], [N/A], [N/A]', fields)
    expect(row).toMatchObject({ name: 'Orin (nvgpu)', uuid: null, pciAddress: null, totalBytes: null })
  })

  test('is refused with another number of columns or with an error text', () => {
    expect(parseGpuRow('0, GPU-1, NVIDIA H200', captured)).toBeNull()
    expect(parseGpuRow('Unable to determine the device handle for GPU', captured)).toBeNull()
    expect(parseGpuRow('', captured)).toBeNull()
  })
})

test('every word for an absent value is null, and so is anything that is no plain number', () => {
  const words = [
    ...['[N/A]', 'N/A', '', ' ', '[Not Supported]', 'Not Supported', '[Unknown Error]', '[Function Not Found]', 'ERR!'],
    ...['[Insufficient Permissions]', '[Requested functionality has been deprecated]'],
    ...['Requested functionality has been deprecated', 'Not available in WDDM driver model'],
  ]
  expect(words.map(numberOf)).toEqual(words.map(() => null))
  expect(words.map(wordOf)).toEqual(words.map(() => null))
  expect(['0 %', '11.17 W', '1e9', 'NaN', '12,5'].map(numberOf)).toEqual([null, null, null, null, null])
  expect(['0', '0.00', '84.24'].map(numberOf)).toEqual([0, 0, 84.24])
})

test('a PCI address is written as sysfs writes it, with a large domain kept', () => {
  expect(normalPciAddress('00000000:0C:00.0')).toBe('0000:0c:00.0')
  expect(normalPciAddress('0000000F:01:00.0')).toBe('000f:01:00.0')
  expect(normalPciAddress('00010000:01:00.0')).toBe('10000:01:00.0')
  expect(normalPciAddress('0000:07:00.0')).toBe('0000:07:00.0')
  expect(normalPciAddress('[N/A]')).toBeNull()
})

test('processes have the last part of their path, commas included, and unknown memory on Windows', () => {
  const text = [
    'GPU-00000000-0000-0000-0000-000000000000, 12267, 13526, ./gpu_burn',
    'GPU-00000000-0000-0000-0000-000000000000, 2140, [N/A], C:\\Windows\\System32\\dwm.exe',
    'GPU-00000000-0000-0000-0000-000000000000, 7, 5, /opt/a, b, c',
    'GPU-00000000-0000-0000-0000-000000000000, 8, 5, [Not Found]',
    '',
  ].join('\r\n')
  const uuid = 'GPU-00000000-0000-0000-0000-000000000000'
  expect(parseComputeApps(text)).toEqual([
    { uuid, pid: 12267, bytes: 13526 * mebibyte, name: 'gpu_burn' },
    { uuid, pid: 2140, bytes: null, name: 'dwm.exe' },
    { uuid, pid: 7, bytes: 5 * mebibyte, name: 'a, b, c' },
    { uuid, pid: 8, bytes: 5 * mebibyte, name: null },
  ])
})

test('MIG instances are named under their GPU', async () => {
  expect(parseMigInstances(await fixture('nvidia-list-mig.txt'))).toEqual(
    new Map([['GPU-00000000-0000-0000-0000-000000000000', ['1c.3g.71gb']]]),
  )
})

describe('an exit', () => {
  const kinds = (cases: readonly (readonly [number | null, string])[]) =>
    cases.map(([code, text]) => explainExit(code, text).kind)

  test('with damaged infoROM is good, with an unknown field asks for another query', () => {
    expect(
      kinds([
        [0, ''],
        [14, 'rows'],
      ]),
    ).toEqual(['ok', 'ok']) // prettier
    expect(kinds([[2, 'Field "device_minor" is not a valid field to query.']])).toEqual(['field'])
  })

  test('of a machine without an NVIDIA GPU is no fault', () => {
    const text = 'Failed to initialize NVML: No supported GPUs were found\nUnable to determine the number of GPUs'
    expect(
      kinds([
        [255, text],
        [6, 'No devices were found'],
      ]),
    ).toEqual(['absent', 'absent'])
  })

  test('of a lost GPU names which one, in either spelling', () => {
    for (const address of ['GPU 0000:0B:00.0', 'GPU0000:0B:00.0'])
      expect(explainExit(15, `Unable to determine the device handle for ${address}: GPU is lost.`)).toMatchObject({
        kind: 'changed',
        lostPciAddress: '0000:0b:00.0',
      })
  })

  test('of a driver that was updated, is not loaded or forbids it says so in words', () => {
    const mismatch = 'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.144'
    expect(explainExit(18, mismatch)).toMatchObject({ kind: 'changed', reason: expect.stringMatching(/Restart/) })
    expect(explainExit(9, 'NVIDIA-SMI has failed')).toMatchObject({
      kind: 'failing',
      reason: expect.stringMatching(/not loaded/),
    })
    expect(explainExit(4, '')).toMatchObject({ kind: 'failing', reason: expect.stringMatching(/may not ask/) })
    expect(explainExit(null, '')).toMatchObject({ kind: 'failing' })
  })
})

test('boards that share the machine’s memory are known by name, not by missing figures', () => {
  expect(['NVIDIA GB10', 'Orin (nvgpu)', 'NVIDIA Thor'].map(sharesSystemMemory)).toEqual([true, true, true])
  expect(['NVIDIA GB200', 'NVIDIA H200', 'NVIDIA GeForce RTX 4080', null].map(sharesSystemMemory)).toEqual([
    ...[false, false, false, false],
  ])
})
