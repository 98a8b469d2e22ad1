import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { patience } from '../../../test/support/patience.ts'
import { createConditions } from '../../hardware/conditions.ts'
import { createChildProcesses } from '../../lib/childProcess.ts'
import type { HeatReading, WorkReading } from './conditions.ts'
import { createDisturbanceWatch, type LookAt } from './disturbances.ts'
import { findHeat, findLoad, findModels, findPower, findShortMemory, findSwap, othersShare } from './findings.ts'
import { createTestMachine, device } from './testMachine.ts'

const never = new AbortController().signal
const gib = 1024 ** 3
const work = (busy: number, total: number, own: number | null = 0): WorkReading => ({
  cpu: { busy, total },
  own,
  swappedOutBytes: 0,
})
const subject: LookAt = { local: true, needBytes: null, otherModels: [] }
const quiet = { devices: [], readings: [], now: 0 }

describe('the processor', () => {
  test('is busy with what is not ours', () => {
    expect(othersShare(work(100, 1000, 50), work(164, 1100, 50))).toBeCloseTo(0.64, 9)
    expect(othersShare(work(100, 1000, 50), work(164, 1100, 110))).toBeCloseTo(0.04, 9)
    // where nobody tells what is ours, all of it is others'
    expect(othersShare(work(100, 1000, null), work(150, 1100, null))).toBeCloseTo(0.5, 9)
    expect(othersShare(work(100, 1000), { cpu: null, own: 1, swappedOutBytes: null })).toBeNull()
    expect(othersShare(work(100, 1000), work(100, 1000))).toBeNull()
    expect(othersShare(work(100, 1000, 0), work(110, 1100, 40))).toBe(0)
  })

  test('is told above a fifth', () => {
    expect(findLoad(work(0, 0), work(64, 100), quiet)).toEqual([
      { kind: 'load', text: 'The processor was 64 % busy with other work before it began.' },
    ])
    expect(findLoad(work(0, 0), work(20, 100), quiet)).toEqual([])
  })
})

describe('before a run', () => {
  const looking = (machine: ReturnType<typeof createTestMachine>) =>
    createDisturbanceWatch({ conditions: machine.conditions, ...machine.deps, ownPids: () => [1, 2], lookMs: 20 })

  test('a machine that does nothing else disturbs nothing', async () => {
    const machine = createTestMachine()
    machine.read('gpu:a', { utilization: 0.1, freeBytes: 10 })
    const found = await looking(machine).look({ ...subject, needBytes: 10 }, never)
    expect(found).toEqual([])
    expect(machine.asked.sort()).toEqual(['power', 'work 1,2', 'work 1,2'])
  })

  test('a GPU that works, other models, short memory, the battery and a saving mode are told with figures', async () => {
    const machine = createTestMachine([device('cpu'), device('gpu:a', { name: 'RTX 4080' })])
    machine.read('cpu', { freeBytes: 2 * gib, utilization: 1 })
    machine.read('gpu:a', { utilization: 0.37, freeBytes: 4 * gib })
    machine.set({ power: { onBattery: true, mode: 'low-power', isSaving: true } })
    const found = await looking(machine).look(
      { local: true, needBytes: 9.5 * gib, otherModels: ['qwen3', 'gemma', 'phi', 'llama'] },
      never,
    )
    expect(found).toEqual([
      { kind: 'load', text: 'RTX 4080 was 37 % busy with other work before it began.' },
      { kind: 'models', text: '4 other models were loaded on the same devices: qwen3, gemma, phi and 1 more.' },
      {
        kind: 'memory',
        text: 'It needs about 9.5 GiB and 6.0 GiB were free: other programs, or the model itself, may have been swapped out.',
      },
      { kind: 'battery', text: 'It ran on battery.' },
      { kind: 'battery', text: 'The machine was in a mode that saves power: low-power.' },
    ])
  })

  test('of a model on another machine only this processor and its power count', async () => {
    const machine = createTestMachine()
    machine.read('gpu:a', { utilization: 1, freeBytes: 1 })
    machine.set({ power: { onBattery: true } })
    const found = await looking(machine).look({ local: false, needBytes: 9 * gib, otherModels: ['a'] }, never)
    expect(found.map(({ kind }) => kind)).toEqual(['battery'])
  })

  test('what cannot be read is unknown and holds nothing up', async () => {
    const machine = createTestMachine()
    const fail = () => Promise.reject(new Error('no'))
    const conditions = { ...machine.conditions, power: fail, work: fail, heat: fail }
    const watch = createDisturbanceWatch({ ...machine.deps, conditions, ownPids: () => [], lookMs: 1 })
    expect(await watch.look(subject, never)).toEqual([])
    expect(await (await watch.begin()).end()).toEqual([])
  })

  test('it can be cancelled', async () => {
    const leaving = new AbortController()
    const machine = createTestMachine()
    const watch = createDisturbanceWatch({ conditions: machine.conditions, ...machine.deps, ownPids: () => [] })
    const looked = watch.look(subject, leaving.signal)
    leaving.abort(new Error('gone'))
    await expect(looked).rejects.toThrow('gone')
  })

  test('figures that are old or unknown accuse nobody', () => {
    const machine = createTestMachine()
    machine.read('gpu:a', { utilization: 1, freeBytes: 1 })
    const now = machine.deps.now() + 3_001
    const { devices, readings } = { devices: machine.deps.devices(), readings: machine.deps.readings() }
    expect(findLoad(work(0, 0), work(0, 100), { devices, readings, now })).toEqual([])
    expect(findShortMemory(5, readings, now)).toEqual([])
    expect(findShortMemory(null, readings, machine.deps.now())).toEqual([])
    expect(findModels([])).toEqual([])
    expect(findModels(['qwen3'])).toEqual([
      { kind: 'models', text: 'Another model was loaded on the same devices: qwen3.' },
    ])
    expect(findPower({ onBattery: null, mode: null, isSaving: null })).toEqual([])
  })
})

describe('during a run', () => {
  const heatOf = (facts: Partial<HeatReading>): HeatReading => ({
    id: 'cpu',
    name: 'The processor',
    count: null,
    ms: null,
    isSlowed: null,
    ...facts,
  })
  const heat = (before: Partial<HeatReading>, after: Partial<HeatReading>) =>
    findHeat([heatOf(before)], [heatOf(after)], 60_000).map(({ text }) => text)

  test('heat is told by its time, else by how often, else by how it is at the end', () => {
    expect(heat({ ms: 100 }, { ms: 3_300 })).toEqual(['The processor was slowed down by heat for 3.2 s of 60 s.'])
    // a part that moves no figure
    expect(heat({ ms: 100, count: 1 }, { ms: 200, count: 9 })).toEqual([])
    expect(heat({ count: 5 }, { count: 6 })).toEqual(['The processor was slowed down by heat once.'])
    expect(heat({ count: 5 }, { count: 17 })).toEqual(['The processor was slowed down by heat 12 times.'])
    expect(heat({ count: 5 }, { count: 5 })).toEqual([])
    expect(heat({}, { isSlowed: true })).toEqual(['The processor was slowed down by heat at its end.'])
    expect(heat({}, { isSlowed: false })).toEqual([])
    // a GPU that slept before has no counter to compare with
    expect(findHeat([], [heatOf({ ms: 90_000, isSlowed: false })], 60_000)).toEqual([])
  })

  test('what is written to swap is told above what is usual', () => {
    const swapped = (swappedOutBytes: number | null) => ({ ...work(0, 0), swappedOutBytes })
    expect(findSwap(swapped(0), swapped(3 * gib))).toEqual([
      { kind: 'memory', text: 'Memory was short: 3.0 GiB were written to swap meanwhile.' },
    ])
    expect(findSwap(swapped(0), swapped(16 * 1024 ** 2))).toEqual([])
    expect(findSwap(swapped(null), swapped(gib))).toEqual([])
  })

  test('a battery that was used for a while is told once, though it charges again at the end', async () => {
    const machine = createTestMachine()
    machine.set({ heat: [heatOf({ count: 1 })] })
    const watch = createDisturbanceWatch({ conditions: machine.conditions, ...machine.deps, ownPids: () => [1] })
    const watched = await watch.begin()
    machine.set({ power: { onBattery: true } })
    const asked = machine.asked.length
    await vi.waitFor(() => expect(machine.asked.length).toBeGreaterThan(asked + 2), patience)
    machine.pass(60_000)
    machine.set({ power: { onBattery: false }, heat: [heatOf({ count: 3 })], work: { swappedOutBytes: gib } })
    expect(await watched.end()).toEqual([
      { kind: 'heat', text: 'The processor was slowed down by heat 2 times.' },
      { kind: 'memory', text: 'Memory was short: 1.0 GiB were written to swap meanwhile.' },
      { kind: 'battery', text: 'The machine went on battery meanwhile.' },
    ])
    const { length } = machine.asked
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(machine.asked).toHaveLength(length)
  })

  test('a battery that was told before is not told again', async () => {
    const machine = createTestMachine()
    machine.set({ power: { onBattery: true, isSaving: true } })
    const watch = createDisturbanceWatch({ conditions: machine.conditions, ...machine.deps, ownPids: () => [1] })
    expect(await (await watch.begin()).end()).toEqual([])
  })
})

test('on this machine, what a child of ours works is ours', async () => {
  const conditions = createConditions({
    platform: process.platform,
    root: '/',
    processes: createChildProcesses(process.env),
    commandFolders: [],
  })
  const script =
    'let worked = 0; while (worked < 200_000) { for (let i = 0; i < 1e6; i++); const { user, system } = process.cpuUsage(); worked = user + system } process.stdout.write("done"); process.stdin.on("end", () => process.exit()).resume()'
  const before = await conditions.work([process.pid])
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  await once(child.stdout, 'data')
  const running = await conditions.work([process.pid])
  child.stdin.end()
  await once(child, 'close')
  const ended = await conditions.work([process.pid])
  const own = (reading: WorkReading) => (reading.own ?? 0) - (before.own ?? 0)
  expect(own(ended)).toBeGreaterThanOrEqual(own(running))
  // ticks of ten milliseconds
  if (process.platform === 'linux') expect(own(running)).toBeGreaterThanOrEqual(15)
  expect(othersShare(before, ended)).toBeLessThanOrEqual(1)
})
