import { expect, onTestFinished, test, vi } from 'vitest'
import { Device, DeviceReading, Hardware } from '../../shared/contract/hardware.ts'
import { createFakeMachine, type FakeMachine, fixture, gigabyte } from './fakeMachine.ts'
import { readMachine } from './machine.ts'

function opened(machine: FakeMachine) {
  const service = machine.service()
  onTestFinished(() => service.close())
  return service
}
const cpu = (service: ReturnType<FakeMachine['service']>) => service.readings().find(({ device }) => device === 'cpu')

test('what it tells is what the contract says', async () => {
  const service = opened(await createFakeMachine())
  expect(Hardware.parse(service.hardware())).toEqual(service.hardware())
  const detected = await service.detect()
  expect(Hardware.parse(detected)).toEqual(detected)
  expect(detected.devices).toMatchObject([{ device: 'cpu', memoryKind: 'system', totalBytes: 32 * gigabyte }])
  const readings = await service.sample()
  expect(DeviceReading.array().parse(readings)).toEqual(readings)
  expect(Device.array().parse(detected.devices)).toHaveLength(1)
})

test('the CPU’s use is that of the last second, and unknown at first', async () => {
  const machine = await createFakeMachine()
  const service = opened(machine)
  await service.detect()
  await service.sample()
  expect(cpu(service)).toMatchObject({ usedBytes: 12 * gigabyte, freeBytes: 20 * gigabyte, utilization: null })
  await machine.write('proc/stat', 'cpu  150 0 100 850 0 0 0 0 0 0\n')
  await service.sample()
  expect(cpu(service)?.utilization).toBe(0.5)
})

test('in a container the limit is the size, and what is left below it is free', async () => {
  const machine = await createFakeMachine()
  await machine.write('proc/self/cgroup', '0::/\n')
  await machine.write('sys/fs/cgroup/memory.max', `${8 * gigabyte}\n`)
  await machine.write('sys/fs/cgroup/memory.current', `${3 * gigabyte}\n`)
  const service = opened(machine)
  await service.detect()
  await service.sample()
  expect(service.hardware().memory).toEqual({ totalBytes: 32 * gigabyte, limitBytes: 8 * gigabyte })
  expect(service.hardware().devices[0]?.totalBytes).toBe(8 * gigabyte)
  expect(cpu(service)).toMatchObject({ usedBytes: 3 * gigabyte, freeBytes: 5 * gigabyte })
})

test('our engines’ memory is their share of it; a process that ended is gone', async () => {
  const machine = await createFakeMachine()
  machine.own.push({ pid: 300 }, { pid: 301 })
  await machine.write('proc/300/smaps_rollup', await fixture('smaps-rollup.txt'))
  await machine.write('proc/300/comm', 'berth-engine\n')
  const service = opened(machine)
  await service.detect()
  await service.sample()
  expect(cpu(service)?.owners).toEqual([{ pid: 300, name: 'berth-engine', bytes: 266 * 1024 }])
  machine.own.length = 0
  await service.sample()
  expect(cpu(service)?.owners).toEqual([])
})

test('a CPU of two kinds of cores counts each core once', async () => {
  const machine = await createFakeMachine()
  await machine.write('sys/devices/cpu_core/cpus', '0-3\n')
  await machine.write('sys/devices/cpu_atom/cpus', '4-6\n')
  for (const [cpu, siblings] of ['0-1', '0-1', '2-3', '2-3', '4', '5', '6'].entries())
    await machine.write(`sys/devices/system/cpu/cpu${cpu}/topology/core_cpus_list`, `${siblings}\n`)
  const service = opened(machine)
  expect((await service.detect()).cpu).toMatchObject({ performanceCores: 2, efficiencyCores: 3 })
})

test('the temperature is the CPU sensor’s, not that of a disk', async () => {
  const machine = await createFakeMachine()
  await machine.write('sys/class/hwmon/hwmon0/name', 'nvme\n')
  await machine.write('sys/class/hwmon/hwmon0/temp1_input', '30000\n')
  await machine.write('sys/class/hwmon/hwmon1/name', 'k10temp\n')
  await machine.write('sys/class/hwmon/hwmon1/temp1_input', '61500\n')
  const service = opened(machine)
  await service.detect()
  await service.sample()
  expect(cpu(service)?.temperatureCelsius).toBe(61.5)
})

test('a tool that hangs holds up nothing else', async () => {
  const machine = await createFakeMachine()
  await machine.command('nvidia-smi', 'exec sleep 600')
  const service = opened(machine)
  void service.detect()
  await vi.waitFor(
    async () => {
      await service.sample()
      expect(cpu(service)).toMatchObject({ freeBytes: 20 * gigabyte })
    },
    { timeout: 15_000 },
  )
})

test('sampling goes on by itself once a second until it is stopped', async () => {
  const service = opened(await createFakeMachine())
  await service.detect()
  const heard: number[] = []
  const unsubscribe = service.onReadings((readings) => heard.push(readings.length))
  service.start()
  service.start()
  await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(2), { timeout: 5_000 })
  await service.stop()
  const { length } = heard
  unsubscribe()
  await service.sample()
  expect(heard).toHaveLength(length)
})

test('after the machine slept everything is looked for again', async () => {
  const machine = await createFakeMachine()
  const service = opened(machine)
  await service.detect()
  await service.sample()
  await machine.memory(64 * gigabyte, 50 * gigabyte)
  machine.pass(3_600_000)
  await service.sample()
  await vi.waitFor(() => expect(service.hardware().devices[0]?.totalBytes).toBe(64 * gigabyte), { timeout: 15_000 })
})

test('a listener hears of the machine only when something about it changed', async () => {
  const machine = await createFakeMachine()
  const service = opened(machine)
  await service.detect()
  const heard: Hardware[] = []
  service.onHardware((hardware) => heard.push(hardware))
  await service.sample()
  await service.sample()
  expect(heard).toEqual([])
})

test('memory that cannot be read is a fault with a reason, not zero', async () => {
  const machine = await createFakeMachine()
  await machine.remove('proc/meminfo')
  const service = opened(machine)
  const { sources, memory } = await service.detect()
  expect(sources[0]).toMatchObject({ name: 'procfs', state: 'failing', reason: expect.stringMatching(/memory/) })
  expect(memory.totalBytes).toBeGreaterThan(0)
})

test('the real machine has a name and cores', async () => {
  const facts = await readMachine(process.platform)
  expect(facts.cpu.logicalCores).toBeGreaterThan(0)
  expect(facts.os.name).not.toBe('')
})

test('a Mac’s GPU holds the shared memory, read from its own tools', async () => {
  const machine = await createFakeMachine('darwin')
  await machine.write('commands/ioreg.txt', await fixture('ioreg-m4.txt'))
  const displays = (await fixture('system-profiler-m1-pro.json')).replaceAll('Apple M1 Pro', 'Apple M4')
  await machine.write('commands/displays.json', displays)
  await machine.command('ioreg', 'cat "$here/ioreg.txt"')
  await machine.command('system_profiler', 'cat "$here/displays.json"')
  await machine.command('vm_stat', `cat <<'E'\n${(await fixture('vm-stat.txt')).replace('16384', '64')}E`)
  await machine.command(
    'sysctl',
    'for key in "$@"; do case $key in hw.nperflevels) echo "$key: 2" ;; hw.*) echo "$key: 4" ;; iogpu*) echo "$key: 1" ;; esac; done',
  )
  const service = opened(machine)
  const hardware = await service.detect()
  expect(hardware.cpu).toMatchObject({ performanceCores: 4, efficiencyCores: 4 })
  expect(hardware.devices).toMatchObject([
    { device: 'cpu', memoryKind: 'unified', totalBytes: null },
    { device: 'gpu:apple-m4', vendor: 'apple', memoryKind: 'unified', totalBytes: 1024 ** 2 },
  ])
  await service.sample()
  const gpu = service.readings().find(({ device }) => device === 'gpu:apple-m4')
  // 356 MB in use of a limit of 1 MiB: nothing is left
  expect(gpu).toMatchObject({ utilization: 0.3, freeBytes: 0, usedBytes: 1024 ** 2 })
  expect(service.memory()?.availableBytes).toBe((service.memory()?.totalBytes ?? 0) - 780_000 * 64)
})

test('on Windows the registry names the GPUs and the counters tell their use; removed cards disappear', async () => {
  const machine = await createFakeMachine('win32')
  await machine.write('commands/directx.txt', await fixture('windows-directx.txt'))
  await machine.write('commands/class.txt', await fixture('windows-display-class.txt'))
  await machine.command(
    'reg',
    'case "$2" in *DirectX) cat "$here/directx.txt" ;; *) cat "$here/class.txt"; exit 1 ;; esac',
  )
  const luid = 'luid_0x00000000_0x00013E1A_phys_0'
  const lines = [
    { kind: 'process', rows: [{ Name: `pid_77_${luid}`, DedicatedUsage: 5 * gigabyte }] },
    { kind: 'engine', rows: [{ Name: `pid_77_${luid}_eng_3_engtype_Cuda`, UtilizationPercentage: 80 }] },
    {
      kind: 'adapter',
      rows: [
        { Name: luid, DedicatedUsage: 6 * gigabyte, SharedUsage: 0 },
        { Name: 'luid_0x00000001_0x000148BF_phys_0', DedicatedUsage: 1, SharedUsage: 2 },
      ],
    },
  ]
  const text = lines.map((line) => JSON.stringify(line)).join('\n')
  await machine.command('powershell', `cat <<'E'\n${text}\nE\nexec sleep 600`)
  const service = opened(machine)
  await service.detect()
  expect(service.hardware().devices).toHaveLength(4)
  await vi.waitFor(
    async () => {
      await service.sample()
      expect(service.readings()).toHaveLength(3)
    },
    { timeout: 15_000 },
  )
  expect(service.hardware().devices).toMatchObject([
    { device: 'cpu', memoryKind: 'system' },
    { device: 'gpu:nvidia-geforce-rtx-4070-ti', vendor: 'nvidia', totalBytes: 12878610432 },
    { device: 'gpu:amd-radeon-tm-graphics', vendor: 'amd', memoryKind: 'system', totalBytes: null },
  ])
  expect(service.readings()[1]).toMatchObject({
    usedBytes: 6 * gigabyte,
    freeBytes: 12878610432 - 6 * gigabyte,
    utilization: 0.8,
    owners: [{ pid: 77, name: null, bytes: 5 * gigabyte }],
  })
})
