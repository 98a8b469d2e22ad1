import type { Benchmark } from '../../shared/contract/benchmarks.ts'
import type { FileRow } from '../../shared/contract/files.ts'
import type { Folder } from '../../shared/contract/folders.ts'
import type { DeviceReading, Hardware } from '../../shared/contract/hardware.ts'
import type { Job } from '../../shared/contract/jobs.ts'
import type { Instance, Model, Resources } from '../../shared/contract/models.ts'
import type { Provider } from '../../shared/contract/providers.ts'
import type { Secrets } from '../../shared/contract/secrets.ts'
import type { Settings } from '../../shared/contract/settings.ts'
import type { Change, System } from '../../shared/contract/system.ts'
import { assignColors } from './colors.ts'
import { type Speeds, withSpeeds } from './speeds.ts'

/** What main said last. Nothing here is decided by the window; it may be dropped and fetched again. */
export type Mirror = {
  /** false until the first snapshots are here */
  readonly ready: boolean
  readonly models: ReadonlyMap<string, Model>
  readonly instances: readonly Instance[]
  readonly jobs: ReadonlyMap<string, Job>
  readonly providers: readonly Provider[]
  readonly folders: readonly Folder[]
  /** by path: every file and model folder that was validated */
  readonly files: ReadonlyMap<string, FileRow>
  /** by id: every run, without its results */
  readonly benchmarks: ReadonlyMap<string, Benchmark>
  readonly hardware: Hardware | null
  readonly settings: Settings | null
  /** how keys of providers are kept */
  readonly secrets: Secrets | null
  readonly system: System | null
  readonly resources: Resources | null
  /** the last five minutes by device, oldest first */
  readonly readings: ReadonlyMap<string, readonly DeviceReading[]>
  /** colour slot of every model that was loaded while this window was open */
  readonly colors: ReadonlyMap<string, number>
  readonly speeds: Speeds
}

export const emptyMirror: Mirror = {
  ready: false,
  models: new Map(),
  instances: [],
  jobs: new Map(),
  providers: [],
  folders: [],
  files: new Map(),
  benchmarks: new Map(),
  hardware: null,
  settings: null,
  secrets: null,
  system: null,
  resources: null,
  readings: new Map(),
  colors: new Map(),
  speeds: new Map(),
}

export const keptReadings = 300
export const keptJobs = 1000

const withReadings = (before: Mirror['readings'], fresh: readonly DeviceReading[]): Mirror['readings'] => {
  const after = new Map(before)
  for (const reading of fresh) {
    const known = after.get(reading.device) ?? []
    if (known.at(-1)?.at !== reading.at) after.set(reading.device, [...known.slice(1 - keptReadings), reading])
  }
  return after
}

const withJobs = (before: Mirror['jobs'], jobs: readonly Job[]): Mirror['jobs'] => {
  const after = new Map(before)
  for (const job of jobs) after.set(job.job, job)
  if (after.size <= keptJobs) return after
  return new Map([...after].sort(([, a], [, b]) => b.createdAt - a.createdAt).slice(0, keptJobs))
}

/** Applies changes in their order. Each map is copied at most once, however many changes touch it. */
export const applyChanges = (mirror: Mirror, changes: readonly Change[]): Mirror => {
  const next: { -readonly [Key in keyof Mirror]: Mirror[Key] } = { ...mirror }
  const jobs: Job[] = []
  let models: Map<string, Model> | null = null
  let files: Map<string, FileRow> | null = null
  let benchmarks: Map<string, Benchmark> | null = null
  for (const change of changes) {
    switch (change.type) {
      case 'subscribed':
        break
      case 'models':
        models ??= new Map(mirror.models)
        for (const model of change.changed) models.set(model.model, model)
        for (const id of change.removed) models.delete(id)
        break
      case 'instances':
        next.instances = change.instances
        next.speeds = withSpeeds(next.speeds, change.instances)
        next.colors = assignColors(
          next.colors,
          change.instances.map(({ model }) => model),
        )
        break
      case 'job':
        jobs.push(change.job)
        break
      case 'providers':
        next.providers = change.providers
        break
      case 'folders':
        next.folders = change.folders
        break
      case 'files':
        files ??= new Map(mirror.files)
        for (const file of change.changed) files.set(file.path, file)
        for (const path of change.removed) files.delete(path)
        break
      case 'benchmarks':
        benchmarks ??= new Map(mirror.benchmarks)
        for (const run of change.changed) benchmarks.set(run.benchmark, run)
        for (const id of change.removed) benchmarks.delete(id)
        break
      case 'settings':
        next.settings = change.settings
        break
      case 'secrets':
        next.secrets = change.secrets
        break
      case 'hardware':
        next.hardware = change.hardware
        break
      case 'sample':
        next.readings = withReadings(next.readings, change.readings)
        next.resources = change.resources
        break
      case 'notice':
        if (next.system !== null)
          next.system = {
            ...next.system,
            notices: [...next.system.notices.filter(({ id }) => id !== change.notice.id), change.notice],
          }
        break
    }
  }
  if (models !== null) next.models = models
  if (files !== null) next.files = files
  if (benchmarks !== null) next.benchmarks = benchmarks
  if (jobs.length > 0) next.jobs = withJobs(mirror.jobs, jobs)
  return next
}

export type Snapshot = {
  readonly models: readonly Model[]
  readonly instances: readonly Instance[]
  readonly jobs: readonly Job[]
  readonly providers: readonly Provider[]
  readonly folders: readonly Folder[]
  readonly files: readonly FileRow[]
  readonly benchmarks: readonly Benchmark[]
  readonly hardware: Hardware
  readonly settings: Settings
  readonly secrets: Secrets
  readonly system: System
  readonly resources: Resources
}

/** The mirror after a new subscription; only what main does not keep for us, readings, colours and speeds, is carried over. */
export const fromSnapshot = (
  before: Mirror,
  { models, files, benchmarks, instances, jobs, ...rest }: Snapshot,
): Mirror => ({
  ...rest,
  ready: true,
  models: new Map(models.map((model) => [model.model, model])),
  files: new Map(files.map((file) => [file.path, file])),
  benchmarks: new Map(benchmarks.map((run) => [run.benchmark, run])),
  instances,
  jobs: new Map(jobs.map((job) => [job.job, job])),
  readings: before.readings,
  speeds: withSpeeds(before.speeds, instances),
  colors: assignColors(
    before.colors,
    instances.map(({ model }) => model),
  ),
})
