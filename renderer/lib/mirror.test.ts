import { describe, expect, it } from 'vitest'
import type { DeviceReading } from '../../shared/contract/hardware.ts'
import type { Change } from '../../shared/contract/system.ts'
import { anInstance } from '../../test/support/instance.ts'
import { applyChanges, emptyMirror, fromSnapshot, keptJobs, keptReadings } from './mirror.ts'
import { aBenchmark, aFile, aJob, aModel } from './testMirror.ts'

const models = (changed: string[], removed: string[] = []): Change => ({
  type: 'models',
  changed: changed.map((id) => aModel(id)),
  removed: removed.map((id) => aModel(id).model),
})
const reading = (at: number): DeviceReading => ({
  device: 'cpu',
  at,
  usedBytes: at,
  freeBytes: null,
  utilization: null,
  temperatureCelsius: null,
  powerWatts: null,
  owners: [],
})
const sample = (at: number): Change => ({ type: 'sample', readings: [reading(at)], resources: { at, devices: [] } })

describe('applying changes', () => {
  it('applies a batch in its order', () => {
    const { models: left } = applyChanges(emptyMirror, [models(['a/1', 'a/2']), models([], ['a/1']), models(['a/3'])])
    expect([...left.keys()]).toEqual(['a/2', 'a/3'])
  })

  it('leaves what did not change the same object, so that nothing else renders', () => {
    const before = applyChanges(emptyMirror, [models(['a/1']), { type: 'job', job: aJob('1') }])
    const after = applyChanges(before, [sample(1)])
    expect(after.models).toBe(before.models)
    expect(after.jobs).toBe(before.jobs)
    expect(after.colors).toBe(before.colors)
  })

  it('replaces files by their path and forgets those that are gone', () => {
    const before = applyChanges(emptyMirror, [
      { type: 'files', changed: [aFile('/a'), aFile('/b')], removed: [] },
      { type: 'files', changed: [aFile('/b', { verdict: 'broken' })], removed: ['/a'] },
    ])
    expect([...before.files.values()].map(({ path, verdict }) => [path, verdict])).toEqual([['/b', 'broken']])
    expect(applyChanges(before, [sample(1)]).files).toBe(before.files)
  })

  it('replaces benchmark runs by their id and forgets those that are removed', () => {
    const removed = aBenchmark('1').benchmark
    const before = applyChanges(emptyMirror, [
      { type: 'benchmarks', changed: [aBenchmark('1'), aBenchmark('2', { state: 'running' })], removed: [] },
      { type: 'benchmarks', changed: [aBenchmark('2')], removed: [removed] },
    ])
    expect([...before.benchmarks.values()].map(({ benchmark, state }) => [benchmark, state])).toEqual([['2', 'done']])
    expect(applyChanges(before, [sample(1)]).benchmarks).toBe(before.benchmarks)
  })

  it('knows at once how keys are kept now', () => {
    const secrets = { protection: 'os', backend: 'gnome_libsecret', text: 'In the key store.' } as const
    expect(applyChanges(emptyMirror, [{ type: 'secrets', secrets }]).secrets).toEqual(secrets)
  })

  it('replaces a job by its whole new value', () => {
    const before = applyChanges(emptyMirror, [{ type: 'job', job: aJob('1') }])
    const after = applyChanges(before, [{ type: 'job', job: aJob('1', { state: 'done' }) }])
    expect([...after.jobs.values()].map(({ state }) => state)).toEqual(['done'])
  })

  it('keeps the last five minutes of readings, each once', () => {
    const many = Array.from({ length: keptReadings + 20 }, (_, at) => sample(at))
    const after = applyChanges(emptyMirror, [...many, sample(keptReadings + 19)])
    expect(after.readings.get('cpu')?.map(({ at }) => at)).toEqual(
      Array.from({ length: keptReadings }, (_, index) => index + 20),
    )
  })

  it('keeps the newest jobs when there are very many', () => {
    const jobs: Change[] = Array.from({ length: keptJobs + 5 }, (_, index) => ({
      type: 'job',
      job: aJob(String(index), { createdAt: index }),
    }))
    const after = applyChanges(emptyMirror, jobs)
    expect(after.jobs.size).toBe(keptJobs)
    expect(after.jobs.has('0')).toBe(false)
  })

  it('gives loaded models their colours and keeps them after the unload', () => {
    const loaded = applyChanges(emptyMirror, [{ type: 'instances', instances: [anInstance('a/1'), anInstance('a/2')] }])
    const unloaded = applyChanges(loaded, [{ type: 'instances', instances: [] }])
    expect(unloaded.colors.size).toBe(2)
  })

  it('applies 10,000 models in one batch without copying the list for each', () => {
    const each: Change[] = Array.from({ length: 10_000 }, (_, index) => models([`a/${index}`]))
    expect(applyChanges(emptyMirror, each).models.size).toBe(10_000)
  })
})

it('drops everything main keeps when a new snapshot comes, but not the readings', () => {
  const before = applyChanges(emptyMirror, [models(['a/old']), sample(7)])
  const after = fromSnapshot(before, {
    models: [aModel('a/new')],
    instances: [],
    jobs: [],
    providers: [],
    folders: [],
    files: [],
    benchmarks: [],
    hardware: {
      os: { platform: 'linux', name: 'Linux', version: null },
      cpu: { name: null, physicalCores: null, logicalCores: 2, performanceCores: null, efficiencyCores: null },
      memory: { totalBytes: 1, limitBytes: null },
      devices: [],
      sources: [],
    },
    settings: { theme: 'system', lanHosts: [], hashInBackground: true },
    secrets: { protection: 'memory', backend: null, text: 'Keys are kept in memory.' },
    system: { version: '0', host: 'headless', dataDir: '/d', startedAt: 0, notices: [] },
    resources: { at: 0, devices: [] },
  })
  expect([...after.models.keys()]).toEqual(['a/new'])
  expect(after.readings.get('cpu')?.length).toBe(1)
  expect(after.ready).toBe(true)
})
