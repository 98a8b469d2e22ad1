import type { Job } from '../../shared/contract/jobs.ts'
import { Job as JobSchema } from '../../shared/contract/jobs.ts'
import type { Model } from '../../shared/contract/models.ts'
import { Model as ModelSchema } from '../../shared/contract/models.ts'

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
    modifiedAt: null,
    tokensPerSecond: null,
    verbs: { load: true, unload: true, chat: true },
    ...over,
  })

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
