import type { LoadOptions, ModelState } from '../../../shared/contract/models.ts'
import { refuseIgnored } from '../parts/options.ts'
import { unknownInstance } from '../parts/unknown.ts'
import type { ProviderInstance } from '../provider.ts'
import type { Running } from './ollamaSchemas.ts'

/** `keep_alive: -1` shows as an end some 292 years ahead. */
const foreverMs = 50 * 365.25 * 86_400_000

/** What we know of an instance because we loaded it. */
export type Loading = { readonly state: ModelState; readonly options: LoadOptions; readonly loadedAt: number | null }

/** `running` is null while Ollama does not list it: it shows no load under way. */
export const toInstance = (key: string, running: Running | null, known: Loading, now: number): ProviderInstance => {
  const expiresAt = running?.expires_at ?? null
  // an end in the past: its unload was asked for and a request still uses it
  const leaving = known.state === 'loaded' && expiresAt !== null && expiresAt < now
  return {
    ...unknownInstance,
    key,
    state: leaving ? 'unloading' : known.state,
    reason: leaving ? 'It leaves when the request that uses it ends.' : null,
    options: known.options,
    memory: running === null ? [] : memoryOf(running),
    contextLength: running?.context_length ?? null,
    loadedAt: known.loadedAt,
    expiresAt: expiresAt === null || leaving ? null : expiresAt - now > foreverMs ? 'never' : expiresAt,
  }
}

/** `size` is the whole, `size_vram` the part of it on GPUs; Ollama does not tell on which. */
const memoryOf = ({ size, size_vram: vram }: Running): ProviderInstance['memory'] => {
  if (size === null || vram === null || size === 0) return []
  const parts = [
    { device: 'gpu', bytes: vram },
    { device: 'cpu', bytes: Math.max(0, size - vram) },
  ]
  return parts.filter(({ bytes }) => bytes > 0).map((part) => ({ ...part, source: 'reported' as const }))
}

/** Why each option that Ollama does not take is not taken, in words. */
export const ignoredOptions = {
  kvCacheType: 'Ollama sets the KV cache type for all models: OLLAMA_KV_CACHE_TYPE where it starts.',
  flashAttention: 'Ollama sets flash attention for all models: OLLAMA_FLASH_ATTENTION where it starts.',
} as const satisfies Partial<Record<keyof LoadOptions, string>>

export interface RunnerRequest {
  readonly options: Readonly<Record<string, number | boolean>>
  /** seconds; any negative number is forever */
  readonly keep_alive?: number
}

/**
 * Our options in Ollama's words, as fields of a request.
 * @throws AppError VERB_NOT_SUPPORTED for an option that it does not take
 */
export const toRequestOptions = (options: LoadOptions): RunnerRequest => {
  refuseIgnored(options, ignoredOptions)
  const { contextLength, gpuLayers, threads, batchSize, mmap, keepAlive } = options
  return {
    options: {
      ...(contextLength !== undefined && { num_ctx: contextLength }),
      ...(gpuLayers !== undefined && gpuLayers !== 'auto' && { num_gpu: gpuLayers }),
      ...(threads !== undefined && { num_thread: threads }),
      ...(batchSize !== undefined && { num_batch: batchSize }),
      ...(mmap !== undefined && { use_mmap: mmap }),
    },
    // no field lets Ollama choose
    ...(keepAlive !== undefined && { keep_alive: keepAlive === 'forever' ? -1 : keepAlive }),
  }
}
