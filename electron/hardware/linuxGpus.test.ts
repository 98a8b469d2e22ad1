import { describe, expect, onTestFinished, test } from 'vitest'
import { createFakeMachine, type FakeMachine, fixture, gigabyte } from './fakeMachine.ts'

const amd = '0000:08:00.0'
const intel = '0000:3d:00.0'
const folder = (address: string) => `sys/bus/pci/devices/${address}`

const radeon: Readonly<Record<string, string>> = {
  'power/control': 'auto',
  'power/runtime_status': 'active',
  product_name: 'Radeon Test',
  mem_info_vram_total: String(16 * gigabyte),
  mem_info_vram_used: String(4 * gigabyte),
  mem_info_gtt_total: String(16 * gigabyte),
  mem_info_gtt_used: String(gigabyte),
  gpu_busy_percent: '37',
  mem_busy_percent: '5',
  'hwmon/hwmon3/temp1_input': '51000',
  'hwmon/hwmon3/power1_average': '88500000',
  'drm/card1/dev': '226:1',
  'drm/renderD128/dev': '226:128',
}
const apu = { ...radeon, product_name: 'Radeon 8060S', 'hwmon/hwmon3/in1_input': '700' }
const without = (files: Readonly<Record<string, string>>, ...names: string[]) =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)))

async function detected(machine: FakeMachine) {
  const service = machine.service()
  onTestFinished(() => service.close())
  await service.detect()
  await service.sample()
  const find = (address: string) => ({
    device: service.hardware().devices.find(({ pciAddress }) => pciAddress === address),
    reading: service.readings().find(({ device }) => device === `gpu:${address}`),
  })
  return { service, find }
}

describe('an AMD card', () => {
  test('is read from sysfs, with the processes that hold its memory', async () => {
    const machine = await createFakeMachine()
    await machine.pciCard(amd, '1002:744C', 'amdgpu', radeon)
    const text = await fixture('fdinfo-amdgpu.txt')
    await machine.drmProcess(300, 'engine', '/dev/dri/renderD128', '5', text)
    // a duplicated descriptor, and one that a child inherited
    await machine.drmProcess(300, 'engine', '/dev/dri/renderD128', '6', text)
    await machine.drmProcess(301, 'child', '/dev/dri/renderD128', '5', text)
    await machine.drmProcess(302, 'other', '/dev/null', '5', text.replace('217', '218'))
    const { find } = await detected(machine)
    expect(find(amd).device).toMatchObject({
      device: `gpu:${amd}`,
      vendor: 'amd',
      name: 'Radeon Test',
      memoryKind: 'dedicated',
      totalBytes: 16 * gigabyte,
      driver: 'amdgpu',
      state: 'active',
    })
    expect(find(amd).reading).toEqual({
      device: `gpu:${amd}`,
      at: machine.now(),
      usedBytes: 4 * gigabyte,
      freeBytes: 12 * gigabyte,
      utilization: 0.37,
      temperatureCelsius: 51,
      powerWatts: 88.5,
      owners: [{ pid: 300, name: 'engine', bytes: 2068 * 1024 }],
    })
  })

  test('misses only what a file does not tell', async () => {
    const machine = await createFakeMachine()
    const files = without(radeon, 'gpu_busy_percent', 'hwmon/hwmon3/temp1_input', 'hwmon/hwmon3/power1_average')
    await machine.pciCard(amd, '1002:744C', 'amdgpu', { ...files, 'hwmon/hwmon3/power1_input': '42000000' })
    // a file that exists and cannot be read
    await machine.write(`${folder(amd)}/hwmon/hwmon3/temp1_input/x`, '')
    const { find } = await detected(machine)
    expect(find(amd).reading).toMatchObject({
      usedBytes: 4 * gigabyte,
      utilization: null,
      temperatureCelsius: null,
      powerWatts: 42,
    })
  })

  test('that sleeps is not read, and neither are the descriptors that would wake it', async () => {
    const machine = await createFakeMachine()
    await machine.pciCard(amd, '1002:744C', 'amdgpu', { ...radeon, 'power/runtime_status': 'suspended' })
    await machine.drmProcess(300, 'engine', '/dev/dri/renderD128', '5', await fixture('fdinfo-amdgpu.txt'))
    const { service, find } = await detected(machine)
    expect(find(amd).device).toMatchObject({ state: 'asleep', totalBytes: 16 * gigabyte })
    expect(find(amd).reading).toMatchObject({ usedBytes: null, utilization: null, owners: [] })
    const changes: (string | undefined)[] = []
    service.onHardware(({ devices }) =>
      changes.push(devices.find(({ vendor, kind }) => vendor === 'amd' && kind === 'gpu')?.state),
    )
    await machine.write(`${folder(amd)}/power/runtime_status`, 'active\n')
    machine.pass(5_000)
    await service.sample()
    expect(find(amd).reading).toMatchObject({ usedBytes: 4 * gigabyte, owners: [{ pid: 300 }] })
    expect(changes).toEqual(['active'])
  })

  test('that is given to a virtual machine is listed and not read', async () => {
    const machine = await createFakeMachine()
    await machine.pciCard(amd, '1002:744C', 'vfio-pci')
    const { find } = await detected(machine)
    expect(find(amd).device).toMatchObject({ totalBytes: null, notes: [expect.stringMatching(/vfio-pci/)] })
    expect(find(amd).reading).toBeUndefined()
  })
})

describe('an AMD APU', () => {
  test('is one device with the memory it shares, and that memory is not counted at the CPU again', async () => {
    const machine = await createFakeMachine()
    await machine.memory(32 * gigabyte, 6 * gigabyte)
    await machine.pciCard(amd, '1002:1586', 'amdgpu', without(apu, 'mem_busy_percent'))
    await machine.drmProcess(300, 'engine', '/dev/dri/card1', '5', await fixture('fdinfo-amdgpu.txt'))
    machine.own.push({ pid: 300 }, { pid: 400 })
    await machine.write('proc/300/smaps_rollup', await fixture('smaps-rollup.txt'))
    await machine.write('proc/400/smaps_rollup', await fixture('smaps-rollup.txt'))
    const { service, find } = await detected(machine)
    expect(find(amd).device).toMatchObject({ memoryKind: 'unified', totalBytes: 32 * gigabyte })
    // free: what RAM has left, plus the firmware's part that is not used
    expect(find(amd).reading).toMatchObject({ freeBytes: 18 * gigabyte, usedBytes: 14 * gigabyte })
    expect(find(amd).reading?.owners).toEqual([
      { pid: 300, name: 'engine', bytes: (2068 + 8192 + 266) * 1024 },
      { pid: 400, name: null, bytes: 266 * 1024 },
    ])
    expect(service.hardware().devices[0]).toMatchObject({ device: 'cpu', memoryKind: 'unified', totalBytes: null })
    expect(service.readings()[0]).toMatchObject({ device: 'cpu', usedBytes: null, freeBytes: null, owners: [] })
  })

  test('never has more than the machine, whatever its limits add up to', async () => {
    const machine = await createFakeMachine()
    const files = { ...without(apu, 'mem_busy_percent'), mem_info_gtt_total: String(120 * gigabyte) }
    await machine.pciCard(amd, '1002:1586', 'amdgpu', files)
    const { find } = await detected(machine)
    expect(find(amd).device?.totalBytes).toBe((32 + 16) * gigabyte)
  })

  test('beside a card with its own memory leaves the RAM to the CPU', async () => {
    const machine = await createFakeMachine()
    await machine.pciCard(amd, '1002:1586', 'amdgpu', without(apu, 'mem_busy_percent'))
    await machine.pciCard('0000:01:00.0', '1002:744C', 'amdgpu', radeon)
    const { service, find } = await detected(machine)
    expect(find(amd).device).toMatchObject({ memoryKind: 'system', totalBytes: null })
    expect(find('0000:01:00.0').device).toMatchObject({ memoryKind: 'dedicated', totalBytes: 16 * gigabyte })
    expect(service.hardware().devices[0]).toMatchObject({ memoryKind: 'system', totalBytes: 32 * gigabyte })
  })
})

describe('an Intel card', () => {
  test('tells the sum over the processes we may see, power from its energy, and says that it is partial', async () => {
    const machine = await createFakeMachine()
    await machine.pciCard(intel, '8086:56A6', 'i915', {
      'drm/card0/lmem_total_bytes': String(4 * gigabyte),
      'drm/renderD129/dev': '226:129',
      'hwmon/hwmon1/energy1_input': '1000000',
      'hwmon/hwmon1/temp1_input': '45000',
    })
    const text = await fixture('fdinfo-i915.txt')
    await machine.drmProcess(300, 'engine', '/dev/dri/renderD129', '5', text)
    machine.own.push({ pid: 300 })
    const { service, find } = await detected(machine)
    expect(find(intel).device).toMatchObject({
      memoryKind: 'dedicated',
      totalBytes: 4 * gigabyte,
      notes: [expect.stringMatching(/root/)],
    })
    expect(find(intel).reading).toMatchObject({ powerWatts: null, utilization: null })

    machine.pass(1_000)
    await machine.write(`${folder(intel)}/hwmon/hwmon1/energy1_input`, '31000000')
    await machine.write('proc/300/fdinfo/5', text.replace('52044119560', String(52044119560 + 250_000_000)))
    await service.sample()
    expect(find(intel).reading).toMatchObject({
      usedBytes: 2698140 * 1024,
      freeBytes: null,
      utilization: 0.25,
      temperatureCelsius: 45,
      powerWatts: 30,
      owners: [{ pid: 300, name: 'engine', bytes: 2698140 * 1024 }],
    })
  })

  test('with xe has its memory per tile', async () => {
    const machine = await createFakeMachine()
    await machine.pciCard(intel, '8086:E20B', 'xe', {
      'tile0/physical_vram_size_bytes': String(6 * gigabyte),
      'tile1/physical_vram_size_bytes': String(6 * gigabyte),
      'hwmon/hwmon1/temp2_input': '47000',
    })
    const { find } = await detected(machine)
    expect(find(intel).device?.totalBytes).toBe(12 * gigabyte)
    expect(find(intel).reading?.temperatureCelsius).toBe(47)
  })

  test('without memory of its own uses the machine’s, which stays at the CPU', async () => {
    const machine = await createFakeMachine()
    await machine.pciCard('0000:00:02.0', '8086:A780', 'i915', { 'drm/card0/dev': '226:0' })
    const { service, find } = await detected(machine)
    expect(find('0000:00:02.0').device).toMatchObject({ memoryKind: 'system', totalBytes: null })
    expect(service.hardware().devices[0]).toMatchObject({ memoryKind: 'system', totalBytes: 32 * gigabyte })
  })
})

test('other display adapters and other functions of a card are no GPUs', async () => {
  const machine = await createFakeMachine()
  await machine.pciCard('0000:02:00.0', '1A03:2000', 'ast')
  await machine.write(`${folder('0000:01:00.1')}/uevent`, 'DRIVER=snd_hda_intel\nPCI_CLASS=40300\nPCI_ID=1002:AB30\n')
  await machine.write(`${folder('0000:00:0b.0')}/uevent`, 'DRIVER=intel_vpu\nPCI_CLASS=120000\nPCI_ID=8086:7D1D\n')
  const { service } = await detected(machine)
  expect(service.hardware().devices.map(({ device }) => device)).toEqual(['cpu'])
})

test('the name list of the system is read to the end of a vendor’s part', async () => {
  const machine = await createFakeMachine()
  await machine.write(
    'usr/share/hwdata/pci.ids',
    '8086  Intel Corporation\n\t1111  Other\n10de  NVIDIA\n\ta780  Wrong\n',
  )
  await machine.pciCard('0000:00:02.0', '8086:A780', 'i915')
  const { find } = await detected(machine)
  expect(find('0000:00:02.0').device?.name).toBe('Intel GPU 8086:a780')
})
