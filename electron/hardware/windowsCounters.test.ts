import { expect, test } from 'vitest'
import { fixture } from './fakeMachine.ts'
import { adapterUsage, engineUsage, parseCounterLine, parseInstance, processUsage } from './windowsCounters.ts'
import { formatLuid, parseAdapters, parseRegistryNumber } from './windowsRegistry.ts'

test('the counters’ instances are read in either case of their hex digits', () => {
  const luid = (text: string) => ({ pid: null, luid: text, engine: null })
  expect(parseInstance('luid_0x00000000_0x00013E1A_phys_0')).toEqual(luid('0x00000000_0x00013e1a'))
  expect(parseInstance('pid_10644_luid_0x00000000_0x0000d351_phys_0')).toEqual({
    ...luid('0x00000000_0x0000d351'),
    pid: 10644,
  })
  expect(parseInstance('pid_25312_luid_0x00000000_0x000148BF_phys_0_eng_2_engtype_Compute')).toEqual({
    pid: 25312,
    luid: '0x00000000_0x000148bf',
    engine: '0/2',
  })
  expect(parseInstance('_Total')).toBeNull()
})

const luid = 'luid_0x00000000_0x000148BF_phys_0'
const key = '0x00000000_0x000148bf'

test('processes add up on an engine, the busiest engine of any type counts, and 100 % is the most', () => {
  const rows = (values: readonly (readonly [string, number])[]) => ({
    kind: 'engine' as const,
    rows: values.map(([Name, UtilizationPercentage]) => ({ Name, UtilizationPercentage })),
  })
  const engine = (pid: number, number: number, type: string) => `pid_${pid}_${luid}_eng_${number}_engtype_${type}`
  const two = rows([
    [engine(1, 0, '3D'), 10],
    [engine(1, 2, 'Compute_1'), 30],
    [engine(2, 2, 'compute_1'), 25],
  ])
  expect(engineUsage(two)).toEqual(new Map([[key, 0.55]]))
  expect(
    engineUsage(
      rows([
        [engine(1, 0, 'Cuda'), 90],
        [engine(2, 0, 'Cuda'), 90],
      ]),
    ),
  ).toEqual(new Map([[key, 1]]))
  expect(engineUsage(rows([[engine(1, 0, '3D'), 0]]))).toEqual(new Map([[key, 0]]))
  expect(engineUsage(rows([]))).toEqual(new Map())
})

test('a line of the reader is one kind of counter; anything else is refused', () => {
  const line = JSON.stringify({ kind: 'adapter', rows: [{ Name: luid, DedicatedUsage: 24956108800, SharedUsage: 4 }] })
  const counters = parseCounterLine(line)
  expect(counters && adapterUsage(counters)).toEqual(new Map([[key, 24956108800]]))
  for (const text of ['', 'Get-CimInstance : Invalid class', line.slice(0, 30), '{"kind":"other","rows":[]}', '[]'])
    expect(parseCounterLine(text)).toBeNull()
})

test('what each process holds is told by adapter', () => {
  const rows = [
    { Name: `pid_7_${luid}`, DedicatedUsage: 5 },
    { Name: `pid_8_${luid}`, DedicatedUsage: null },
  ]
  expect(processUsage({ kind: 'process', rows })).toEqual([{ luid: key, pid: 7, bytes: 5 }])
})

test('the registry names the adapters, with sizes from the display class where they are missing', async () => {
  const adapters = parseAdapters(await fixture('windows-directx.txt'), await fixture('windows-display-class.txt'))
  expect(adapters).toEqual([
    {
      name: 'NVIDIA GeForce RTX 4070 Ti',
      vendorId: 0x10de,
      luid: '0x00000000_0x00013e1a',
      dedicatedBytes: 12878610432,
      driver: '32.15.10.4660',
    },
    {
      name: 'AMD Radeon(TM) Graphics',
      vendorId: 0x1002,
      luid: '0x00000001_0x000148bf',
      dedicatedBytes: 512 * 1024 ** 2,
      driver: '31.21.11.1',
    },
    {
      name: 'NVIDIA GeForce GTX 970',
      vendorId: 0x10de,
      luid: '0x00000000_0x0000d351',
      dedicatedBytes: 4 * 1024 ** 3,
      driver: null,
    },
  ])
})

test('sizes are written as a number or as bytes, lowest first', () => {
  expect(parseRegistryNumber('0x2ffa00000')).toBe(12878610432)
  expect(parseRegistryNumber('0000A0FF02000000')).toBe(12878610432)
  expect(parseRegistryNumber(undefined)).toBeNull()
  expect(parseRegistryNumber('text')).toBeNull()
  expect(formatLuid(0x1000148bf)).toBe('0x00000001_0x000148bf')
})
