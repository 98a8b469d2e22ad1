import { type FileRow, FileRow as FileRowSchema, type Labels } from '../../shared/contract/files.ts'
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
