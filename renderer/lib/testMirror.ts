import { type Benchmark, Benchmark as BenchmarkSchema } from '../../shared/contract/benchmarks.ts'
import { type FileRow, FileRow as FileRowSchema, type Labels } from '../../shared/contract/files.ts'
import type { Job } from '../../shared/contract/jobs.ts'
import { Job as JobSchema } from '../../shared/contract/jobs.ts'
import type { Model } from '../../shared/contract/models.ts'
import { Model as ModelSchema } from '../../shared/contract/models.ts'
import { type Provider, Provider as ProviderSchema, type UsageFigures } from '../../shared/contract/providers.ts'

/** Values for tests, checked by the contract's own schemas. */
export const aModel = (model: string, over: Partial<Model> = {}): Model =>
  ModelSchema.parse({
    model,
    provider: model.split('/')[0],
    key: model.split('/').slice(1).join('/'),
    name: model.split('/').slice(1).join('/'),
    state: 'unloaded',
    reason: null,
    stale: false,
    role: 'llm',
    loadable: true,
    capabilities: [],
    format: null,
    architecture: null,
    parameterCount: null,
    quantization: null,
    bitsPerWeight: null,
    contextLength: null,
    sizeBytes: null,
    estimatedBytes: null,
    path: null,
    digest: null,
    weightsSha256: null,
    sameAs: [],
    price: null,
    modifiedAt: null,
    tokensPerSecond: null,
    verbs: {
      load: true,
      unload: true,
      keepAlive: true,
      chat: true,
      embed: true,
      push: false,
      copy: false,
      remove: false,
      adapters: false,
    },
    cannot: {},
    ...over,
  })

/** A server that answers; the rest as the test says. */
export const aProvider = (provider: string, over: Partial<Provider> = {}): Provider =>
  ProviderSchema.parse({
    provider,
    kind: 'ollama',
    name: provider,
    address: 'http://127.0.0.1:11434',
    key: { state: 'none' },
    hidePaid: null,
    status: { state: 'reachable', version: '0.9.1', latencyMs: 4, checkedAt: 1000 },
    lastFault: null,
    models: 0,
    instances: 0,
    cannot: {},
    ignoredOptions: {},
    usage: { today: noUsage, total: noUsage },
    ...over,
  })

export const noUsage: UsageFigures = { requests: 0, faults: 0, promptTokens: 0, completionTokens: 0, costUsd: null }

export const aJob = (job: string, over: Partial<Job> = {}): Job =>
  JobSchema.parse({
    job,
    kind: 'load',
    subject: 'embedded/phi',
    state: 'running',
    progress: null,
    result: null,
    error: null,
    createdAt: 1000,
    startedAt: 1000,
    endedAt: null,
    cancellable: true,
    ...over,
  })

export const aFile = (path: string, over: Partial<FileRow> = {}): FileRow =>
  FileRowSchema.parse({
    path,
    kind: 'file',
    sizeBytes: 1000,
    modifiedAt: 0,
    label: 'GGUF language model',
    format: 'GGUF',
    role: 'llm',
    architecture: 'llama',
    parameterCount: null,
    quantization: null,
    contextLength: null,
    license: null,
    verdict: 'ok',
    issues: 0,
    worstIssue: null,
    checkedAt: 1000,
    sha256: null,
    matches: null,
    labels: noLabels,
    ...over,
  })

/** A run that is done and measured nothing; the rest as the test says. */
export const aBenchmark = (benchmark: string, over: Partial<Benchmark> = {}): Benchmark =>
  BenchmarkSchema.parse({
    benchmark,
    job: null,
    kind: 'engine',
    model: 'embedded/phi',
    provider: 'embedded',
    preset: 'quick',
    label: null,
    source: 'berth',
    state: 'done',
    error: null,
    settings: null,
    options: {},
    record: null,
    disturbances: [],
    headline: noHeadline,
    createdAt: 1000,
    startedAt: 1000,
    endedAt: 2000,
    ...over,
  })

export const noHeadline: Benchmark['headline'] = {
  results: 0,
  promptTokensPerSecond: null,
  tokensPerSecond: null,
  ttftMs: null,
  textsPerSecond: null,
  throughput: null,
  peakBytes: null,
}

export const noLabels: Labels = {
  name: null,
  tags: [],
  notes: null,
  rating: null,
  favourite: false,
  license: null,
  sourceUrl: null,
  versionLabel: null,
}
