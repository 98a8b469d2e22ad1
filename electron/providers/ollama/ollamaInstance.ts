import type { LoadOptions, ModelState } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
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
    key,
    instance: null,
    state: leaving ? 'unloading' : known.state,
    reason: leaving ? 'It leaves when the request that uses it ends.' : null,
    progress: null,
    options: known.options,
    memory: running === null ? [] : memoryOf(running),
    contextLength: running?.context_length ?? null,
    gpuLayers: null,
    pid: null,
    loadedAt: known.loadedAt,
    expiresAt: expiresAt === null || leaving ? null : expiresAt - now > foreverMs ? 'never' : expiresAt,
    activeRequests: null,
    kvCacheUse: null,
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

/** Our options in Ollama's words, as fields of a request. */
export const toRequestOptions = (options: LoadOptions) => {
  if (options.kvCacheType !== undefined) throw notPerModel('the KV cache type', 'OLLAMA_KV_CACHE_TYPE')
  if (options.flashAttention !== undefined) throw notPerModel('flash attention', 'OLLAMA_FLASH_ATTENTION')
  const { contextLength, gpuLayers, threads, batchSize, mmap, keepAlive } = options
  return {
    options: {
      ...(contextLength !== undefined && { num_ctx: contextLength }),
      ...(gpuLayers !== undefined && gpuLayers !== 'auto' && { num_gpu: gpuLayers }),
      ...(threads !== undefined && { num_thread: threads }),
      ...(batchSize !== undefined && { num_batch: batchSize }),
      ...(mmap !== undefined && { use_mmap: mmap }),
    },
    // seconds; any negative number is forever, no field lets Ollama choose
    ...(keepAlive !== undefined && { keep_alive: keepAlive === 'forever' ? -1 : keepAlive }),
  }
}

const notPerModel = (what: string, variable: string) =>
  new AppError('VERB_NOT_SUPPORTED', `Ollama cannot set ${what} per model.`, {
    advice: `Leave the option out, or set ${variable} where Ollama starts.`,
  })

/** As Ollama compares names: any case, and `latest` when no tag is given. */
export const comparable = (key: string): string => {
  const name = key.toLowerCase()
  return name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`
}
