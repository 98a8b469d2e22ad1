import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { MemoryFigures } from '../../../shared/contract/benchmarkResults.ts'
import { patience } from '../../../test/support/patience.ts'
import { createConditions } from '../../hardware/conditions.ts'
import { createHardwareService } from '../../hardware/hardwareService.ts'
import { basicMachine } from '../../hardware/machine.ts'
import { createChildProcesses } from '../../lib/childProcess.ts'
import { joulesOf } from './energy.ts'
import { createMachineWatch } from './machineWatch.ts'
import { createTestMachine, device } from './testMachine.ts'

const pid = 7
const owned = (bytes: number | null) => [
  { pid, name: 'engine', bytes },
  { pid: 8, name: 'other', bytes: 900 },
]

describe('memory', () => {
  test('is what was in use before, at most, and after; of the process what it held at most', () => {
    const machine = createTestMachine()
    const watch = createMachineWatch(machine.deps)
    machine.read('cpu', { usedBytes: 100 })
    machine.read('gpu:a', { usedBytes: 10 })
    machine.set({ memory: { bytes: 40, peakBytes: 500 } })
    const watched = watch.begin(pid)
    for (const [cpu, gpu, held, resident] of [
      [300, 50, 45, 60],
      [200, 80, 70, 90],
      [150, 30, 20, 50],
    ] as const) {
      machine.pass(1_000)
      machine.read('cpu', { usedBytes: cpu })
      machine.read('gpu:a', { usedBytes: gpu, owners: owned(held) })
      machine.set({ memory: { bytes: resident, peakBytes: 500 } })
      machine.tick()
    }
    const { memory, processPeakBytes } = watched.end()
    expect(MemoryFigures.array().parse(memory)).toEqual(memory)
    expect(memory).toEqual([
      // the kernel's highest mark is of before, so the samples count
      { device: 'cpu', name: 'cpu', beforeBytes: 100, peakBytes: 300, afterBytes: 150, processPeakBytes: 90 },
      { device: 'gpu:a', name: 'gpu:a', beforeBytes: 10, peakBytes: 80, afterBytes: 30, processPeakBytes: 70 },
    ])
    expect(processPeakBytes).toBe(160)
    expect(machine.listeners.size).toBe(0)
  })

  test('of the process is the kernel’s highest mark where that rose meanwhile, between two samples too', () => {
    const machine = createTestMachine([device('cpu')])
    machine.set({ memory: { bytes: 40, peakBytes: 50 } })
    const watched = createMachineWatch(machine.deps).begin(pid)
    machine.set({ memory: { bytes: 45, peakBytes: 700 } })
    const { memory, processPeakBytes } = watched.end()
    expect(memory[0]?.processPeakBytes).toBe(700)
    expect(processPeakBytes).toBe(700)
  })

  test('from a reading that is old, or that there is not, is unknown', () => {
    const machine = createTestMachine()
    machine.read('cpu', { usedBytes: 100 })
    machine.pass(3_001)
    const watched = createMachineWatch(machine.deps).begin(null)
    machine.tick()
    const unknown = { beforeBytes: null, peakBytes: null, afterBytes: null, processPeakBytes: null }
    const { memory, joules, processPeakBytes } = watched.end()
    expect(memory).toEqual([
      { device: 'cpu', name: 'cpu', ...unknown },
      { device: 'gpu:a', name: 'gpu:a', ...unknown },
    ])
    expect([joules, processPeakBytes]).toEqual([null, null])
  })

  test('after is what was read after it began, and lately', () => {
    const machine = createTestMachine([device('cpu')])
    machine.read('cpu', { usedBytes: 100 })
    machine.pass(500)
    const short = createMachineWatch(machine.deps).begin(null)
    machine.pass(100)
    expect(short.end().memory[0]).toMatchObject({ beforeBytes: 100, peakBytes: 100, afterBytes: null })
    const paused = createMachineWatch(machine.deps).begin(null)
    machine.pass(100)
    machine.read('cpu', { usedBytes: 300 })
    machine.tick()
    machine.pass(5_000)
    expect(paused.end().memory[0]).toMatchObject({ peakBytes: 300, afterBytes: null })
  })

  test('that CPU and GPU share is not counted twice', () => {
    const machine = createTestMachine([
      device('cpu', { memoryKind: 'unified', totalBytes: null }),
      device('gpu:a', { memoryKind: 'unified' }),
    ])
    machine.set({ memory: { bytes: 60, peakBytes: 60 } })
    const watched = createMachineWatch(machine.deps).begin(pid)
    machine.pass(1_000)
    machine.read('gpu:a', { usedBytes: 80, owners: owned(75) })
    machine.tick()
    const { memory, processPeakBytes } = watched.end()
    expect(memory.map((figures) => figures.processPeakBytes)).toEqual([null, 75])
    expect(processPeakBytes).toBe(75)
  })

  test('of a process on a GPU is told where its part in RAM is not, and the whole is unknown', () => {
    const machine = createTestMachine()
    const watched = createMachineWatch(machine.deps).begin(pid)
    machine.pass(1_000)
    machine.read('gpu:a', { owners: owned(75) })
    machine.tick()
    const { memory, processPeakBytes } = watched.end()
    expect(memory[1]?.processPeakBytes).toBe(75)
    expect(processPeakBytes).toBeNull()
  })
})

describe('energy', () => {
  const interval = { beganAt: 0, endedAt: 10_000 }
  const points = (...watts: number[]) => watts.map((value, second) => ({ at: second * 1000 + 500, watts: value }))

  test('is power over time', () => {
    expect(joulesOf([points(...Array(10).fill(120))], interval)).toBeCloseTo(1200, 9)
    // a ramp from 0 to 90 W: its mean over the interval
    expect(joulesOf([points(0, 10, 20, 30, 40, 50, 60, 70, 80, 90)], interval)).toBeCloseTo(450, 9)
    // unequal spaces: 100 W for 8 s, then 0 W at once
    const uneven = [0, 4000, 8000, 8001, 10_000].map((at) => ({ at, watts: at <= 8000 ? 100 : 0 }))
    expect(joulesOf([uneven], interval)).toBeCloseTo(800.05, 6)
  })

  test('of several devices is their sum; one that tells no power is not in it', () => {
    expect(joulesOf([points(...Array(10).fill(100)), points(...Array(10).fill(20)), []], interval)).toBeCloseTo(1200, 9)
  })

  test('is unknown with too few readings, with too little of the time, and when nobody tells', () => {
    expect(joulesOf([], interval)).toBeNull()
    expect(joulesOf([[], []], interval)).toBeNull()
    expect(joulesOf([points(1, 1, 1, 1, 1, 1, 1, 1)], interval)).toBeNull()
    expect(joulesOf([points(1, 1, 1, 1, 1, 1, 1, 1, 1)], interval)).toBeCloseTo(10, 9)
    const two = [
      { at: 0, watts: 5 },
      { at: 10_000, watts: 5 },
    ]
    expect(joulesOf([two], interval)).toBeNull()
    // one device alone would look like the whole
    expect(joulesOf([points(...Array(10).fill(100)), points(1)], interval)).toBeNull()
  })

  test('comes from the readings of the interval, each once, though a pausing source repeats its last', () => {
    const machine = createTestMachine([device('gpu:a')])
    machine.read('gpu:a', { powerWatts: 900 })
    machine.pass(10)
    const watched = createMachineWatch(machine.deps).begin(null)
    for (let second = 0; second < 5; second++) {
      machine.pass(1_000)
      if (second !== 2) machine.read('gpu:a', { powerWatts: 50 })
      machine.tick()
      machine.tick()
    }
    expect(watched.end().joules).toBeCloseTo(250, 9)
  })
})

test('this machine’s own readings tell the memory that a process takes', async () => {
  const deps = {
    platform: process.platform,
    root: '/',
    now: Date.now,
    processes: createChildProcesses(process.env),
    commandFolders: [],
    ownPids: () => [{ pid: process.pid }],
    readMachine: async () => basicMachine(process.platform),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  }
  const hardware = createHardwareService(deps)
  onTestFinished(() => hardware.close())
  await hardware.detect()
  await hardware.sample()
  const { processMemory } = createConditions(deps)
  const watch = createMachineWatch({
    readings: hardware.readings,
    onReadings: hardware.onReadings,
    devices: () => hardware.hardware().devices,
    processMemory,
    now: Date.now,
  })
  const before = processMemory(process.pid)
  const watched = watch.begin(process.pid)
  const taken = Buffer.alloc(64 * 1024 ** 2, 1)
  await vi.waitFor(async () => {
    const [reading] = await hardware.sample()
    expect(reading?.usedBytes).toBeGreaterThan(taken.length)
  }, patience)
  const { memory, joules, processPeakBytes } = watched.end()
  const cpu = memory.find((figures) => figures.device === 'cpu')
  expect(cpu?.beforeBytes).toBeGreaterThan(0)
  expect(cpu?.peakBytes).toBeGreaterThanOrEqual(cpu?.beforeBytes ?? 0)
  expect(joules).toBeNull()
  if (before === null) expect(processPeakBytes).toBeNull()
  else expect(processPeakBytes).toBeGreaterThanOrEqual(before.bytes)
  if (process.platform === 'linux') expect(processPeakBytes).toBeGreaterThan(taken.length)
})
