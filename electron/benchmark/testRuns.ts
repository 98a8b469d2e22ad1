import { once } from 'node:events'
import Database from 'better-sqlite3'
import type { BenchmarkRequest, BenchmarkSettings } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark } from '../../shared/contract/benchmarks.ts'
import type { Job } from '../../shared/contract/jobs.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import type { LoadOptions, Model } from '../../shared/contract/models.ts'
import { createFakeProvider, providerModel } from '../../test/support/fakeProvider.ts'
import { anInstance } from '../../test/support/instance.ts'
import { createBenchmarkRepository } from '../catalog/benchmarkRepository.ts'
import { createJobRepository } from '../catalog/jobRepository.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { createJobService } from '../jobs/jobService.ts'
import type { AppError } from '../lib/appError.ts'
import type { Provider } from '../providers/provider.ts'
import { type BenchmarkRunsDeps, createBenchmarkRuns } from './benchmarkRuns.ts'
import { createBenchmarkService } from './benchmarkService.ts'
import { createLanes } from './lanes.ts'
import type { PlanFacts } from './plan/plan.ts'
import type { NewResult, RunBenchmark, RunContext } from './runner.ts'
import { statisticsOf } from './statistics.ts'

export const idOf = (key: string, provider = 'one') => ModelId.parse(`${provider}/${key}`)

/** A model as the model service shows it. */
export const modelOf = (id: ModelId, facts: Partial<Model> = {}): Model => {
  const [provider = '', ...rest] = id.split('/')
  const { lacks: _, ...told } = providerModel(rest.join('/'))
  const verbs = { load: true, unload: true, keepAlive: true, chat: true, embed: true }
  return {
    ...told,
    model: id,
    provider,
    state: 'unloaded',
    stale: false,
    estimatedBytes: null,
    tokensPerSecond: null,
    verbs: { ...verbs, push: false, copy: false, remove: false, adapters: false },
    cannot: {},
    sameAs: [],
    ...facts,
  }
}

/** Sentences for what it lacks, and the means to measure engines. */
export const providerOf = (facts: Partial<Provider> = {}): Provider => ({
  ...createFakeProvider('one', []).provider,
  measure: async (_key, { tokens }) => ({ tokens, ms: 1 }),
  ...facts,
})

export const factsOf = (facts: Partial<PlanFacts> = {}): PlanFacts => ({
  model: modelOf(idOf('a')),
  provider: providerOf(),
  host: null,
  known: { promptTokensPerSecond: null, tokensPerSecond: null, textsPerSecond: null, loadMs: null },
  ...facts,
})

export const settings = (promptTokens: readonly number[] = [512]): BenchmarkSettings => ({
  kind: 'engine',
  promptTokens: [...promptTokens],
  generatedTokens: [],
  depths: [0],
  measureLoad: false,
  repetition: { least: 1, most: 1, relativeError: 0.5 },
  sweep: { contextLength: [], kvCacheType: [], gpuLayers: [], threads: [], flashAttention: [], batchSize: [] },
})

export const result = (position: number, facts: Partial<NewResult> = {}): NewResult => ({
  position,
  test: { type: 'prompt', promptTokens: 512, depth: 0 },
  unit: 'tokens/s',
  options: {},
  statistics: statisticsOf([100, 102]),
  serving: null,
  embedding: null,
  tokensPerJoule: null,
  memory: [],
  notes: [],
  ...facts,
})

/** Resolves when it is told to, rejects when it is aborted. */
export const untilAborted = async ({ signal }: RunContext): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

export const openDatabase = () => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  return db
}

/** The service on a real catalog with real jobs, over scripted runners and models. Start it again on the same `db`. */
export const startService = (
  deps: Partial<BenchmarkRunsDeps> & { readonly runner: RunBenchmark },
  db = openDatabase(),
) => {
  const published: Benchmark[] = []
  const jobsTold: Job[] = []
  const removed: string[] = []
  const bugs: unknown[] = []
  const releases: { readonly model: string; readonly quickly: boolean }[] = []
  const speeds: [string, number][] = []
  const marks: string[] = []
  const used: unknown[] = []
  const missing = new Map<string, AppError>()
  /** of the provider of every model */
  const gone = new AbortController()
  const jobs = createJobService({
    jobs: createJobRepository(db),
    now: Date.now,
    publish: (job) => void jobsTold.push(job),
    onBug: (error) => void bugs.push(error),
  })
  const repository = createBenchmarkRepository(db)
  const record: BenchmarkRunsDeps['record'] = async ({ model: { name } }) => ({
    model: {
      name,
      contentHash: 'sha256:00',
      architecture: null,
      parameterCount: null,
      quantization: null,
      format: null,
      sizeBytes: null,
    },
    provider: { kind: 'ollama', name: 'one', version: '1', host: null },
    berthVersion: 'test',
    os: null,
    cpu: null,
    devices: [],
    power: { mode: null, onBattery: null },
    backend: null,
    clientErrorMs: null,
  })
  const runs = createBenchmarkRuns({
    repository,
    lanes: createLanes(),
    devices: ({ provider }) => [provider],
    runJob: (model, work, turn) => jobs.run('benchmark', model, work, turn).job,
    runners: { engine: deps.runner, serving: deps.runner, embedding: deps.runner },
    open: (model) => {
      const fault = missing.get(model)
      if (fault) throw fault
      const subject = {
        model: modelOf(ModelId.parse(model)),
        key: model,
        provider: providerOf(),
        local: true,
        instance: () => null,
        load: async ({ gpuLayers }: LoadOptions) => anInstance(model, { backend: gpuLayers === 0 ? 'CPU' : 'CUDA' }),
        unload: async () => {},
        estimateBytes: () => null,
      }
      const release = async (quickly: boolean) => {
        releases.push({ model, quickly })
        return null
      }
      return { subject, otherModels: [], gone: gone.signal, release }
    },
    record,
    machine: {
      readings: () => [],
      begin: () => ({ end: () => ({ memory: [], joules: null, processPeakBytes: null }) }),
    },
    disturbances: { look: async () => [], begin: async () => ({ end: async () => [] }) },
    used: (provider, answer) => void used.push([provider, answer]),
    publish: (changed, gone) => {
      published.push(...changed)
      removed.push(...gone)
    },
    onBegin: (model) => void marks.push(model),
    onSpeed: (model, speed) => void speeds.push([model, speed]),
    onBug: (error) => void bugs.push(error),
    now: Date.now,
    patienceMs: 0,
    ...deps,
  })
  const service = createBenchmarkService({
    repository,
    runs,
    factsOf: (model) => factsOf({ model: modelOf(model) }),
    checkFree: () => {},
    publish: (changed, gone) => {
      published.push(...changed)
      removed.push(...gone)
    },
    fastest: { isAvailable: () => true, estimateBytes: () => null },
    now: Date.now,
  })
  const close = async (): Promise<void> => {
    service.close()
    await jobs.close()
  }
  const start = (request: Partial<BenchmarkRequest> = {}) =>
    service.start({ model: idOf('a'), settings: settings(), ...request })
  return {
    ...{
      service,
      runs,
      jobs,
      repository,
      db,
      published,
      jobsTold,
      removed,
      bugs,
      releases,
      speeds,
      marks,
      used,
      missing,
      gone,
    },
    ...{ start, close },
  }
}
