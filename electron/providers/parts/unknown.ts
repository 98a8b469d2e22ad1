import type { Price } from '../../../shared/contract/models.ts'
import type { ProviderInstance, ProviderModel } from '../provider.ts'

/** A model of which nothing but its name is told. */
export const unknownModel: Omit<ProviderModel, 'key' | 'name'> = {
  reason: null,
  role: 'unknown',
  loadable: true,
  capabilities: [],
  format: null,
  architecture: null,
  parameterCount: null,
  quantization: null,
  bitsPerWeight: null,
  contextLength: null,
  sizeBytes: null,
  path: null,
  digest: null,
  weightsSha256: null,
  price: null,
  modifiedAt: null,
  lacks: {},
}

/** An instance of which nothing but its state is told. */
export const unknownInstance: Omit<ProviderInstance, 'key' | 'state'> = {
  instance: null,
  reason: null,
  progress: null,
  options: {},
  memory: [],
  contextLength: null,
  gpuLayers: null,
  backend: null,
  pid: null,
  loadedAt: null,
  expiresAt: null,
  activeRequests: null,
  kvCacheUse: null,
}

/** It may cost something, and nobody tells how much: another thing than free. */
export const unknownPrice: Price = {
  promptUsdPerMillion: null,
  completionUsdPerMillion: null,
  requestUsd: null,
  free: false,
}
