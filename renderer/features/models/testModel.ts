import type { Model, ModelId } from '../../../shared/contract/models.ts'

/** For tests: a plain model of the embedded engine with the given fields. */
export const modelOf = (given: Partial<Omit<Model, 'model'>> & { readonly name: string }): Model => {
  const provider = given.provider ?? 'embedded'
  return {
    model: `${provider}/${given.name}` as ModelId, // provider/key by its making
    provider,
    key: given.name,
    state: 'unloaded',
    reason: null,
    stale: false,
    role: 'llm',
    loadable: true,
    capabilities: [],
    format: 'gguf',
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
    ...given,
  }
}
