import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createFakeMachine, type FakeMachine, gigabyte } from './fakeMachine.ts'

const mebibyte = 1024 * 1024
const uuid = 'GPU-11111111-2222-3333-4444-555555555555'
const gpu = `gpu:${uuid}`
const row = (values: { used?: string; busy?: string; temperature?: string } = {}) =>
  `0, ${uuid}, NVIDIA Test, 00000000:01:00.0, 610.10, 16384, ${values.used ?? '1024'}, 14900, ${values.busy ?? '50'}, ${values.temperature ?? '40'}, 99.50, [N/A]`
const address = '0000:01:00.0'
const card = `sys/bus/pci/devices/${address}`

/**
 * A fake nvidia-smi: `query` is its answer, `tick` is printed twenty times a second in its loop, `end` ends the loop
 * with its text and `code`. `starts` gets a line per start of the loop, with its process id.
 */
const tool = `
case "$*" in
  *--query-compute-apps*) cat "$here/apps"; exit 0 ;;
  *driver_version*) [ -f "$here/old" ] && { echo 'Field "driver_version" is not a valid field to query.'; exit 2; } ;;
esac
case "$*" in
  *-lms*)
    echo $$ >> "$here/starts"
    while :; do
      [ -f "$here/end" ] && { cat "$here/end"; exit "$(cat "$here/code")"; }
      cat "$here/tick"
      sleep 0.05
    done ;;
  -L) cat "$here/list" ;;
  *) cat "$here/query"; exit "$(cat "$here/code" 2>/dev/null || echo 0)" ;;
esac`

async function machineWithGpu(line = row()): Promise<FakeMachine> {
  const machine = await createFakeMachine()
  await machine.command('nvidia-smi', tool)
  await machine.write('commands/query', `${line}\n`)
  await machine.write('commands/tick', `${line}\n`)
  await machine.write('commands/apps', `${uuid}, 4242, 512, /opt/engine\n`)
  return machine
}

function watched(machine: FakeMachine) {
  const service = machine.service()
  onTestFinished(() => service.close())
  const reading = (device = gpu) => service.readings().find((candidate) => candidate.device === device)
  return {
    service,
    reading,
    source: () => service.hardware().sources.find(({ name }) => name === 'nvidia-smi'),
    device: () => service.hardware().devices.find(({ vendor }) => vendor === 'nvidia'),
    /** Samples until it holds. The clock stands still meanwhile. */
    until: (check: () => void) =>
      vi.waitFor(
        async () => {
          await service.sample()
          check()
        },
        { timeout: 10_000 },
      ),
  }
}
const starts = async (machine: FakeMachine) =>
  (await readFile(join(machine.commands, 'starts'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')

test('a GPU is known by its UUID and read by one long-lived process', async () => {
  const machine = await machineWithGpu()
  const { service, reading, device, until } = watched(machine)
  await service.detect()
  expect(device()).toMatchObject({
    device: gpu,
    name: 'NVIDIA Test',
    memoryKind: 'dedicated',
    totalBytes: 16384 * mebibyte,
    driver: '610.10',
    pciAddress: address,
    state: 'active',
  })
  await until(() =>
    expect(reading()).toEqual({
      device: gpu,
      at: machine.now(),
      usedBytes: 1024 * mebibyte,
      freeBytes: 14900 * mebibyte,
      utilization: 0.5,
      temperatureCelsius: 40,
      powerWatts: 99.5,
      owners: [{ pid: 4242, name: 'engine', bytes: 512 * mebibyte }],
    }),
  )
  await machine.write('commands/tick', `${row({ used: '2048', busy: '0' })}\n`)
  await until(() => expect(reading()).toMatchObject({ usedBytes: 2048 * mebibyte, utilization: 0 }))
  expect(await starts(machine)).toHaveLength(1)
})

test('the first line of the loop is dropped', async () => {
  const machine = await machineWithGpu()
  await machine.command('nvidia-smi', `case "$*" in *-lms*) cat "$here/tick" ;; *) cat "$here/query" ;; esac`)
  await machine.write('commands/tick', `${row({ busy: '100' })}\n`)
  const { service, reading, source, until } = watched(machine)
  await service.detect()
  // the line has come when the loop ended, and with it the source's only sample
  await until(() => expect(source()?.state).toBe('failing'))
  expect(reading()).toBeUndefined()
})

test('a value the driver does not tell is null, for that value only', async () => {
  const machine = await machineWithGpu(row({ busy: '[N/A]', temperature: 'ERR!' }))
  const { service, reading, until } = watched(machine)
  await service.detect()
  await until(() =>
    expect(reading()).toMatchObject({ utilization: null, temperatureCelsius: null, usedBytes: 1024 * mebibyte }),
  )
})

test('an old driver is asked the short list', async () => {
  const machine = await machineWithGpu()
  const old = `0, ${uuid}, NVIDIA Old, 00000000:01:00.0, 8192, 100, 8000, 3\n`
  await machine.write('commands/old', '')
  await machine.write('commands/query', old)
  await machine.write('commands/tick', old)
  const { service, reading, device, until } = watched(machine)
  await service.detect()
  expect(device()).toMatchObject({ name: 'NVIDIA Old', driver: null, totalBytes: 8192 * mebibyte })
  await until(() => expect(reading()).toMatchObject({ utilization: 0.03, temperatureCelsius: null }))
})

test('a reader that falls silent is ended, the reason is shown, and it starts again after a pause', async () => {
  const machine = await machineWithGpu()
  const { service, reading, source, until } = watched(machine)
  await service.detect()
  await until(() => expect(reading()).toBeDefined())
  await machine.write('commands/tick', '')
  await vi.waitFor(
    async () => {
      machine.pass(6_000)
      await service.sample()
      expect(source()).toMatchObject({ state: 'failing', reason: expect.stringMatching(/printed nothing for \d+ s/) })
    },
    { timeout: 15_000 },
  )
  const [pid] = await starts(machine)
  expect(() => process.kill(Number(pid), 0)).toThrow(/ESRCH/)
  expect(source()?.nextAttemptAt).toBe(machine.now() + 2_000)
  await machine.write('commands/tick', `${row()}\n`)
  await service.sample()
  expect(await starts(machine)).toHaveLength(1)
  machine.pass(2_000)
  await until(() => expect(source()).toMatchObject({ state: 'ok', reason: null, nextAttemptAt: null }))
  expect(await starts(machine)).toHaveLength(2)
  expect(machine.warnings).toEqual(['hardware source fails'])
})

test('a reader that ends again and again is tried after 2, 4, 8 … at most 60 s, and the CPU is read all the while', async () => {
  const machine = await machineWithGpu()
  const { service, reading, source } = watched(machine)
  await service.detect()
  await machine.write('commands/code', '9')
  await machine.write('commands/end', 'NVIDIA-SMI has failed\n')
  const pauses: number[] = []
  for (let attempt = 0; attempt < 7; attempt += 1) {
    await vi.waitFor(
      async () => {
        await service.sample()
        expect(source()?.nextAttemptAt ?? 0).toBeGreaterThan(machine.now())
      },
      { timeout: 15_000 },
    )
    expect(source()?.reason).toBe('The NVIDIA driver is not loaded.')
    pauses.push((source()?.nextAttemptAt ?? 0) - machine.now())
    while (machine.now() < (source()?.nextAttemptAt ?? 0)) {
      await service.sample()
      machine.pass(2_000)
    }
  }
  expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  expect(reading('cpu')).toMatchObject({ freeBytes: 20 * gigabyte })
})

test('a reader that suddenly prints something else is told so', async () => {
  const machine = await machineWithGpu()
  const { service, reading, source, until } = watched(machine)
  await service.detect()
  await until(() => expect(reading()).toBeDefined())
  await machine.write('commands/tick', 'utilization: plenty\n')
  await vi.waitFor(
    async () => {
      machine.pass(6_000)
      await service.sample()
      expect(source()?.reason).toMatch(/something else \(“utilization: plenty/)
    },
    { timeout: 15_000 },
  )
})

test('values keep their age while a source pauses, and are unknown after 15 s', async () => {
  const machine = await machineWithGpu()
  const { service, reading, source, until } = watched(machine)
  await service.detect()
  await until(() => expect(reading()).toBeDefined())
  const readAt = machine.now()
  await machine.write('commands/code', '9')
  await machine.write('commands/end', '')
  await until(() => expect(source()?.state).toBe('failing'))
  machine.pass(1_000)
  await service.sample()
  expect(reading()).toMatchObject({ at: readAt, usedBytes: 1024 * mebibyte })
  machine.pass(15_000)
  await service.sample()
  expect(reading()).toMatchObject({ at: readAt, usedBytes: null, freeBytes: null, utilization: null, owners: [] })
})

test('a lost GPU is marked, and found again when it is back', async () => {
  const machine = await machineWithGpu()
  const { service, source, device, until } = watched(machine)
  await service.detect()
  const text = 'Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.  Reboot the system\n'
  await machine.write('commands/code', '15')
  await machine.write('commands/end', text)
  await until(() => expect(device()?.state).toBe('lost'))
  expect(source()).toMatchObject({ state: 'failing', reason: expect.stringMatching(/GPU was lost/) })
  await machine.remove('commands/end')
  await machine.remove('commands/code')
  machine.pass(2_000)
  await until(() => expect([source()?.state, device()?.state]).toEqual(['ok', 'active']))
})

test('no nvidia-smi is no fault; the card is listed from the PCI bus all the same', async () => {
  const machine = await createFakeMachine()
  await machine.pciCard(address, '10DE:2684', 'nouveau')
  await machine.write(
    'usr/share/misc/pci.ids',
    '1002  AMD\n\t2684  Wrong\n10de  NVIDIA\n\t2684  AD102 [GeForce RTX 4090]\n',
  )
  const { service, source, device } = watched(machine)
  await service.detect()
  expect(source()).toMatchObject({ state: 'absent', reason: expect.stringMatching(/not found/) })
  expect(device()).toMatchObject({
    device: `gpu:${address}`,
    name: 'NVIDIA AD102 [GeForce RTX 4090]',
    totalBytes: null,
    driver: 'nouveau',
  })
  expect(machine.warnings).toEqual([])
})

test('a driver without a card is no fault', async () => {
  const machine = await machineWithGpu()
  await machine.write(
    'commands/query',
    'NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver.\n',
  )
  await machine.write('commands/code', '9')
  const { service, source, device } = watched(machine)
  await service.detect()
  expect([source()?.state, device()]).toEqual(['absent', undefined])
})

test('a card whose driver does not answer is a fault with its reason', async () => {
  const machine = await machineWithGpu()
  await machine.pciCard(address, '10DE:2684', 'nvidia')
  await machine.write('commands/query', 'Failed to initialize NVML: Driver/library version mismatch\n')
  await machine.write('commands/code', '18')
  const { service, source, device } = watched(machine)
  await service.detect()
  expect(source()).toMatchObject({ state: 'failing', reason: expect.stringMatching(/Restart the machine/) })
  expect(device()).toMatchObject({ device: `gpu:${address}`, totalBytes: null })
})

test('a sleeping GPU is not woken: nvidia-smi is not started until something else woke it', async () => {
  const machine = await machineWithGpu()
  await machine.pciCard(address, '10DE:2684', 'nvidia', {
    'power/control': 'auto',
    'power/runtime_status': 'suspended',
  })
  await machine.write('commands/ran', '')
  await machine.command('nvidia-smi', `echo run >> "$here/ran"\n${tool}`)
  const { service, reading, device, until } = watched(machine)
  await service.detect()
  for (let second = 0; second < 20; second += 1) {
    machine.pass(1_000)
    await service.sample()
  }
  expect(device()).toMatchObject({ device: `gpu:${address}`, state: 'asleep', totalBytes: null })
  expect(reading(`gpu:${address}`)).toMatchObject({ at: machine.now(), usedBytes: null })
  expect(await readFile(join(machine.commands, 'ran'), 'utf8')).toBe('')

  await machine.write(`${card}/power/runtime_status`, 'active\n')
  await until(() => expect(reading(`gpu:${address}`)).toMatchObject({ usedBytes: 1024 * mebibyte }))
  // it keeps its name although its UUID is known now
  expect(device()).toMatchObject({ device: `gpu:${address}`, uuid, state: 'active', totalBytes: 16384 * mebibyte })
})

test('an idle GPU that can sleep is left alone so that it does, and keeps what is known about it', async () => {
  const machine = await machineWithGpu(row({ busy: '0' }))
  await machine.write('commands/apps', '')
  await machine.pciCard(address, '10DE:2684', 'nvidia', { 'power/control': 'auto', 'power/runtime_status': 'active' })
  const { service, reading, device, until } = watched(machine)
  await service.detect()
  await until(() => expect(reading()).toBeDefined())
  const [pid] = await starts(machine)
  const isGone = () => {
    try {
      return !process.kill(Number(pid), 0)
    } catch {
      return true
    }
  }
  // it is heard in each second until it is ended: one that fell silent would be ended for that
  while (!isGone()) {
    machine.pass(1_000)
    await until(() => expect(isGone() || reading()?.at === machine.now()).toBe(true))
  }
  await machine.write(`${card}/power/runtime_status`, 'suspended\n')
  machine.pass(1_000)
  await service.sample()
  expect(device()).toMatchObject({ state: 'asleep', device: gpu, totalBytes: 16384 * mebibyte, driver: '610.10' })
  expect(await starts(machine)).toHaveLength(1)
})

test('memory that CPU and GPU share is counted at the GPU, from the system’s figures', async () => {
  const line = `0, ${uuid}, NVIDIA GB10, 0000000F:01:00.0, 610.10, [N/A], [N/A], [N/A], 12, 35, 11.17, [N/A]`
  const machine = await machineWithGpu(line)
  await machine.memory(128 * gigabyte, 100 * gigabyte)
  const { service, reading, device, until } = watched(machine)
  await service.detect()
  await until(() => expect(reading()).toBeDefined())
  expect(device()).toMatchObject({ memoryKind: 'unified', totalBytes: 128 * gigabyte, pciAddress: '000f:01:00.0' })
  expect(reading()).toMatchObject({ usedBytes: 28 * gigabyte, freeBytes: 100 * gigabyte, utilization: 0.12 })
  expect(service.hardware().devices[0]).toMatchObject({ device: 'cpu', memoryKind: 'unified', totalBytes: null })
  expect(reading('cpu')).toMatchObject({ usedBytes: null, freeBytes: null })
  expect(service.memory()).toMatchObject({ totalBytes: 128 * gigabyte, availableBytes: 100 * gigabyte })
})

test('a GPU split by MIG names its instances', async () => {
  const machine = await machineWithGpu(row({ busy: '[N/A]' }).replace(/\[N\/A\]$/, 'Enabled'))
  await machine.write('commands/list', `GPU 0: X (UUID: ${uuid})\n  MIG 1c.3g.71gb  Device  0: (UUID: MIG-1)\n`)
  const { service, device } = watched(machine)
  await service.detect()
  expect(device()?.notes).toEqual([expect.stringMatching(/MIG \(1c\.3g\.71gb\)/)])
})

test('after close no child is left', async () => {
  const machine = await machineWithGpu()
  const { service, reading, until } = watched(machine)
  await service.detect()
  await until(() => expect(reading()).toBeDefined())
  await service.close()
  for (const pid of await starts(machine)) expect(() => process.kill(Number(pid), 0)).toThrow(/ESRCH/)
})
