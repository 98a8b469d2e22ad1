import { AppError } from '../../electron/lib/appError.ts'
import type { Provider, ProviderInstance, ProviderModel } from '../../electron/providers/provider.ts'

export const providerModel = (key: string, facts: Partial<ProviderModel> = {}): ProviderModel => ({
  key,
  name: key,
  reason: null,
  role: 'llm',
  loadable: true,
  capabilities: ['chat'],
  format: 'gguf',
  architecture: 'llama',
  parameterCount: 1000,
  quantization: 'Q4_0',
  bitsPerWeight: 4.5,
  contextLength: 4096,
  sizeBytes: 1000,
  path: null,
  digest: null,
  weightsSha256: null,
  price: null,
  modifiedAt: null,
  lacks: {},
  ...facts,
})

export const providerInstance = (key: string, facts: Partial<ProviderInstance> = {}): ProviderInstance => ({
  key,
  instance: null,
  state: 'loaded',
  reason: null,
  progress: null,
  options: {},
  memory: [],
  contextLength: 4096,
  gpuLayers: null,
  backend: null,
  pid: null,
  loadedAt: 1,
  expiresAt: null,
  activeRequests: 0,
  kvCacheUse: null,
  ...facts,
})

/** A provider in memory that does what its test says: each load waits until the test settles it. */
export const createFakeProvider = (id: string, keys: readonly string[], address: string | null = null) => {
  const loaded = new Map<string, ProviderInstance>()
  const loads: {
    key: string
    finish: () => void
    fail: (error: unknown) => void
    report: (fraction: number | null) => void
  }[] = []
  const unloads: string[] = []
  let outage: unknown = null
  let listener: (what: 'models' | 'instances') => void = () => {}
  const answer = async <T>(value: T): Promise<T> => {
    if (outage) throw outage
    return value
  }
  const models = keys.map((key) => providerModel(key))
  const provider: Provider = {
    id,
    kind: 'ollama',
    name: id,
    address,
    cannot: {},
    ignoredOptions: {},
    status: () => answer({ version: '1', latencyMs: 1 }),
    models: () => answer(models),
    instances: () => answer([...loaded.values()]),
    details: () => answer({ groups: [], files: [], tensorTypes: [], chatTemplate: null, metadata: [], warnings: [] }),
    load: (key, options, report, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new AppError('CANCELLED')))
        const finish = () => {
          const instance = providerInstance(key, { options })
          loaded.set(key, instance)
          resolve(instance)
        }
        loads.push({ key, finish, fail: reject, report })
      }),
    unload: async (key) => {
      unloads.push(key)
      loaded.delete(key)
    },
    chat: async function* () {
      yield { type: 'text', text: 'hel' }
      yield { type: 'text', text: 'lo' }
      yield {
        type: 'done',
        finishReason: 'stop',
        usage: { promptTokens: 3, completionTokens: 2 },
        timings: { ttftMs: 5, promptTokensPerSecond: null, tokensPerSecond: 42, totalMs: 50 },
        costUsd: null,
      }
    },
    onChange: (next) => {
      listener = next
      return () => {
        listener = () => {}
      }
    },
  }
  return {
    provider,
    loaded,
    loads,
    unloads,
    goDown: (error: unknown): void => {
      outage = error
    },
    comeBack: (): void => {
      outage = null
    },
    announce: (what: 'models' | 'instances'): void => listener(what),
  }
}
