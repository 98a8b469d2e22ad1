import { Instance } from '../../shared/contract/models.ts'

/** A loaded instance of which nothing more is known, with the given fields. */
export const anInstance = (model: string, over: Partial<Instance> = {}): Instance =>
  Instance.parse({
    id: `${model}#1`,
    model,
    provider: model.split('/')[0],
    state: 'loaded',
    reason: null,
    progress: null,
    options: {},
    memory: [],
    estimatedBytes: null,
    contextLength: null,
    gpuLayers: null,
    backend: null,
    pid: null,
    loadedAt: null,
    expiresAt: null,
    activeRequests: null,
    kvCacheUse: null,
    lastChat: null,
    ...over,
  })
