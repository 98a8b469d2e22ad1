import { describe, expect, test } from 'vitest'
import { createChildProcesses, pathFolders } from '../lib/childProcess.ts'
import { createConditions } from './conditions.ts'
import { createFakeMachine, type FakeMachine, fixture } from './fakeMachine.ts'
import { parseHeatRow } from './nvidiaHeat.ts'
import { parseOnBattery, parsePowerMode, parseTherm } from './pmset.ts'
import { parsePowerLine, parseScheme } from './powercfg.ts'
import { parseProcessStat, ticksOfTree } from './processTree.ts'

const of = (machine: FakeMachine, platform: NodeJS.Platform = 'linux') =>
  createConditions({
    platform,
    root: machine.root,
    processes: createChildProcesses(process.env),
    commandFolders: [machine.commands],
  })
const supply = 'sys/class/power_supply'
const battery = async (machine: FakeMachine, status: string, name = 'BAT0') => {
  await machine.write(`${supply}/${name}/type`, 'Battery\n')
  await machine.write(`${supply}/${name}/status`, `${status}\n`)
}
const adapter = async (machine: FakeMachine, online: string) => {
  await machine.write(`${supply}/AC/type`, 'Mains\n')
  await machine.write(`${supply}/AC/online`, `${online}\n`)
}
const cpufreq = 'sys/devices/system/cpu/cpu0/cpufreq'

describe('power of Linux', () => {
  test('where nothing is told all of it is unknown', async () => {
    const machine = await createFakeMachine()
    expect(await of(machine).power()).toEqual({ onBattery: null, mode: null, isSaving: null })
  })

  test('a machine without a battery of its own is not on battery, whatever its mouse is', async () => {
    const machine = await createFakeMachine()
    await battery(machine, 'Discharging', 'hidpp_battery_0')
    await machine.write(`${supply}/hidpp_battery_0/scope`, 'Device\n')
    expect((await of(machine).power()).onBattery).toBe(false)
  })

  test.each([
    { adapterOnline: '1', status: 'Discharging', onBattery: false },
    { adapterOnline: '0', status: 'Discharging', onBattery: true },
    { adapterOnline: '0', status: 'Unknown', onBattery: true },
    { adapterOnline: '1', status: 'Not charging', onBattery: false },
    { adapterOnline: null, status: 'Discharging', onBattery: true },
    { adapterOnline: null, status: 'Full', onBattery: false },
    { adapterOnline: null, status: 'Unknown', onBattery: null },
  ])('adapter $adapterOnline and battery $status: $onBattery', async ({ adapterOnline, status, onBattery }) => {
    const machine = await createFakeMachine()
    await battery(machine, status)
    if (adapterOnline !== null) await adapter(machine, adapterOnline)
    expect((await of(machine).power()).onBattery).toBe(onBattery)
  })

  test.each([
    { profile: 'low-power', isSaving: true, mode: 'low-power' },
    { profile: 'performance', isSaving: false, mode: 'performance' },
    { governor: 'powersave', isSaving: true, mode: 'governor powersave' },
    { governor: 'schedutil', isSaving: false, mode: 'governor schedutil' },
    {
      profile: 'balanced',
      governor: 'powersave',
      preference: 'balance_performance',
      isSaving: false,
      mode: 'balanced, governor powersave, preference balance_performance',
    },
    { governor: 'powersave', preference: 'power', isSaving: true, mode: 'governor powersave, preference power' },
  ])('the mode $mode', async ({ profile, governor, preference, isSaving, mode }) => {
    const machine = await createFakeMachine()
    if (profile !== undefined) await machine.write('sys/firmware/acpi/platform_profile', `${profile}\n`)
    if (governor !== undefined) await machine.write(`${cpufreq}/scaling_governor`, `${governor}\n`)
    if (preference !== undefined) await machine.write(`${cpufreq}/energy_performance_preference`, `${preference}\n`)
    expect(await of(machine).power()).toMatchObject({ mode, isSaving })
  })
})

describe('heat', () => {
  const throttle = (core: number, file: string) => `sys/devices/system/cpu/cpu${core}/thermal_throttle/${file}`

  test('of an Intel processor is the highest of its cores’ counters, never their sum', async () => {
    const machine = await createFakeMachine()
    expect(await of(machine).heat()).toEqual([])
    for (const core of [0, 1]) {
      await machine.write(throttle(core, 'package_throttle_count'), '7\n')
      await machine.write(throttle(core, 'core_throttle_count'), `${core * 3}\n`)
    }
    await machine.write('sys/devices/system/cpu/cpufreq/thermal_throttle/core_throttle_count', '999\n')
    const heat = { id: 'cpu', name: 'The processor', isSlowed: null }
    expect(await of(machine).heat()).toEqual([{ ...heat, count: 7, ms: null }])
    await machine.write(throttle(1, 'core_throttle_total_time_ms'), '1250\n')
    expect(await of(machine).heat()).toEqual([{ ...heat, count: 7, ms: 1250 }])
  })

  test('of an NVIDIA GPU comes with the counters; a power cap is none', async () => {
    const machine = await createFakeMachine()
    await machine.write('commands/heat.csv', await fixture('nvidia-heat.csv'))
    await machine.command('nvidia-smi', 'cat "$here/heat.csv"')
    const gpu = { id: 'gpu:GPU-00000000-0000-0000-0000-000000000000', name: 'NVIDIA GeForce RTX 2080 SUPER' }
    expect(await of(machine).heat()).toEqual([{ ...gpu, count: null, ms: 0, isSlowed: false }])
  })

  test('of an older driver, which has no counters, is what it says of this moment', async () => {
    const machine = await createFakeMachine()
    await machine.command(
      'nvidia-smi',
      `case "$1" in *counters*) echo 'Field "clocks_event_reasons_counters.sw_thermal_slowdown" is not a valid field to query.'; exit 2 ;; *) echo 'GPU-1, Tesla T4, 0x0000000000000060' ;; esac`,
    )
    expect(await of(machine).heat()).toEqual([
      { id: 'gpu:GPU-1', name: 'Tesla T4', count: null, ms: null, isSlowed: true },
    ])
  })

  test('of a sleeping GPU is not asked, which would wake it', async () => {
    const machine = await createFakeMachine()
    await machine.pciCard('0000:01:00.0', '10DE:2684', 'nvidia', { 'power/runtime_status': 'suspended' })
    await machine.command('nvidia-smi', 'echo "GPU-1, A, 0x0000000000000060, 1, 1"')
    expect(await of(machine).heat()).toEqual([])
    await machine.write('sys/bus/pci/devices/0000:01:00.0/power/runtime_status', 'active\n')
    expect(await of(machine).heat()).toHaveLength(1)
  })

  test('with a driver that fails is unknown, and the processor’s is told all the same', async () => {
    const machine = await createFakeMachine()
    await machine.write(throttle(0, 'core_throttle_count'), '1\n')
    await machine.command('nvidia-smi', 'echo "NVIDIA-SMI has failed"; exit 9')
    expect(await of(machine).heat()).toMatchObject([{ id: 'cpu', count: 1 }])
  })

  test('microseconds become milliseconds, words become null', () => {
    expect(parseHeatRow('GPU-1, A, 0x0000000000000001, 1500000, 2500')).toMatchObject({ ms: 1500, isSlowed: false })
    expect(parseHeatRow('GPU-1, A, [N/A], [N/A], 0')).toMatchObject({ ms: null, isSlowed: null })
    expect(parseHeatRow('No devices were found')).toBeNull()
  })
})

describe('work', () => {
  const stat = (pid: number, parent: number, user: number, system: number, name = 'a) S 9 (b', ended = 0) =>
    `${pid} (${name}) S ${parent} 1 1 0 -1 4194304 100 0 0 0 ${user} ${system} ${ended} 0 20 0 1 0 1 1 1 1`

  test('of our processes is counted with that of all their children', async () => {
    const machine = await createFakeMachine()
    for (const [pid, parent] of [
      [10, 1],
      [11, 10],
      [12, 11],
      [20, 1],
    ] as const)
      await machine.write(`proc/${pid}/stat`, stat(pid, parent, pid, 100))
    await machine.write('proc/vmstat', 'pswpin 4\npswpout 256\n')
    expect(await of(machine).work([10])).toEqual({
      cpu: { busy: 200, total: 1000 },
      own: 333,
      swappedOutBytes: 1024 ** 2,
    })
    expect((await of(machine).work([99])).own).toBe(0)
  })

  test('is unknown where /proc tells nothing', async () => {
    const machine = await createFakeMachine()
    await machine.remove('proc')
    expect(await of(machine).work([10])).toEqual({ cpu: null, own: null, swappedOutBytes: null })
  })

  test('a name with brackets and spaces does not shift the fields; processes in a circle end', () => {
    expect(parseProcessStat(stat(7, 3, 40, 2))).toEqual({ pid: 7, parent: 3, ticks: 42 })
    expect(parseProcessStat(stat(7, 3, 40, 2, 'a', 8))).toMatchObject({ ticks: 50 })
    expect(parseProcessStat('7 (a) S 3 1')).toBeNull()
    expect(parseProcessStat('')).toBeNull()
    const circle = [
      { pid: 1, parent: 2, ticks: 1 },
      { pid: 2, parent: 1, ticks: 1 },
    ]
    expect(ticksOfTree(circle, [1])).toBe(2)
  })
})

test('resident memory of a process is its own now and at most; of one that is gone nothing', async () => {
  const machine = await createFakeMachine()
  await machine.write('proc/7/status', 'Name:\tengine\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nRssAnon:\t 1 kB\n')
  expect(of(machine).processMemory(7)).toEqual({ bytes: 1024 ** 2, peakBytes: 2 * 1024 ** 2 })
  await machine.write('proc/8/status', 'Name:\tkthreadd\n')
  expect(of(machine).processMemory(8)).toBeNull()
  expect(of(machine).processMemory(9)).toBeNull()
})

describe('a Mac', () => {
  test('tells power and heat by pmset', async () => {
    const machine = await createFakeMachine('darwin')
    for (const name of ['batt', 'settings', 'therm-quiet'])
      await machine.write(`commands/${name}.txt`, await fixture(`pmset-${name}.txt`))
    await machine.command(
      'pmset',
      'case "$2" in batt) cat "$here/batt.txt" ;; therm) cat "$here/therm-quiet.txt" ;; *) cat "$here/settings.txt" ;; esac',
    )
    const conditions = of(machine, 'darwin')
    expect(await conditions.power()).toEqual({ onBattery: false, mode: 'automatic', isSaving: false })
    expect(await conditions.heat()).toMatchObject([{ id: 'cpu', isSlowed: false }])
    expect(conditions.processMemory(process.pid)).toBeNull()
  })

  test('its texts', async () => {
    expect(parseOnBattery((await fixture('pmset-batt.txt')).replace('AC Power', 'Battery Power'))).toBe(true)
    expect(parseOnBattery('')).toBeNull()
    expect(parsePowerMode(' lowpowermode         1\n')).toEqual({ mode: 'low power', isSaving: true })
    expect(parsePowerMode(' powermode            2\n lowpowermode         0\n').mode).toBe('high power')
    expect(parsePowerMode('')).toEqual({ mode: null, isSaving: null })
    expect(parseTherm(await fixture('pmset-therm-slowed.txt'))).toMatchObject([{ isSlowed: true }])
    expect(parseTherm('2026-01-01 Thermal Warning Level = 1\n')).toMatchObject([{ isSlowed: true }])
    expect(parseTherm('')).toEqual([])
  })
})

describe('Windows', () => {
  test('tells its scheme and its power line', async () => {
    const machine = await createFakeMachine('win32')
    await machine.write('commands/scheme.txt', await fixture('powercfg-scheme.txt'))
    await machine.command('powercfg', '[ "$1" = /getactivescheme ] && cat "$here/scheme.txt"')
    await machine.command('powershell', 'echo Offline')
    expect(await of(machine, 'win32').power()).toEqual({ onBattery: true, mode: 'balanced', isSaving: false })
    await machine.remove('commands/powershell')
    expect(await of(machine, 'win32').power()).toMatchObject({ onBattery: null, mode: 'balanced' })
  })

  test('or a Mac with tools that fail tells nothing, and rejects nothing', async () => {
    const machine = await createFakeMachine('win32')
    for (const tool of ['powercfg', 'powershell', 'nvidia-smi.exe', 'pmset'])
      await machine.command(tool, 'head -c 200000 /dev/zero')
    const unknown = { onBattery: null, mode: null, isSaving: null }
    for (const platform of ['win32', 'darwin'] as const) {
      expect(await of(machine, platform).power()).toEqual(unknown)
      expect(await of(machine, platform).heat()).toEqual([])
    }
  })

  test('its texts, in whatever language', () => {
    expect(parseScheme('GUID des Energieschemas: a1841308-3541-4fab-bc81-f71556f20b4a  (Energiesparmodus)')).toEqual({
      mode: 'power saver',
      isSaving: true,
    })
    expect(parseScheme('GUID: 00000000-1111-2222-3333-444444444444  (Mein Plan)')).toEqual({
      mode: 'custom',
      isSaving: null,
    })
    expect(parsePowerLine('Unknown\r\n')).toBeNull()
    expect(parsePowerLine('Online\r\n')).toBe(false)
  })
})

test('the real machine answers, quickly', async () => {
  const conditions = createConditions({
    platform: process.platform,
    root: '/',
    processes: createChildProcesses(process.env),
    commandFolders: pathFolders(process.env),
  })
  const [power, heat, work] = await Promise.all([conditions.power(), conditions.heat(), conditions.work([process.pid])])
  expect([true, false, null]).toContain(power.onBattery)
  for (const { count, ms } of heat) expect(Math.min(count ?? 0, ms ?? 0)).toBeGreaterThanOrEqual(0)
  expect(work.cpu?.busy).toBeGreaterThan(0)
  expect(work.own).toBeGreaterThan(0)
  expect(work.own).toBeLessThanOrEqual(work.cpu?.busy ?? 0)
  const memory = conditions.processMemory(process.pid)
  if (process.platform === 'linux') expect(memory?.bytes).toBeGreaterThan(10 * 1024 ** 2)
  else expect(memory).toBeNull()
})
