import type {
  ChatChunk,
  ChatRequest,
  Instance,
  LoadOptions,
  Model,
  ModelDetails,
} from '../../shared/contract/models.ts'
import type { ProviderKind } from '../../shared/contract/providers.ts'

/** What could run here, as the provider itself knows it; state and measured speed are added by the model service. */
export type ProviderModel = Omit<
  Model,
  'model' | 'provider' | 'state' | 'stale' | 'estimatedBytes' | 'tokensPerSecond' | 'verbs'
> & {
  /** can it answer a chat request once loaded */
  readonly chat: boolean
}

/** What runs here, by model key; the model service gives it its model id. */
export type ProviderInstance = Omit<Instance, 'id' | 'model' | 'provider' | 'lastChat' | 'estimatedBytes'> & {
  readonly key: string
}

export type ProviderDetails = Omit<ModelDetails, 'model'>

type Reachable = { readonly version: string | null; readonly latencyMs: number | null }

/** 0–1, or null where the provider does not tell. */
export type ReportProgress = (fraction: number | null) => void

/**
 * A connection to something that runs models. A verb that the server does not have is absent. Every call may be aborted
 * and then rejects with AppError CANCELLED; a server's fault rejects with a PROVIDER_* error, its out-of-memory with
 * OUT_OF_MEMORY, an unknown key with MODEL_NOT_FOUND.
 */
export interface Provider {
  readonly id: string
  readonly kind: ProviderKind
  readonly name: string
  readonly address: string | null
  readonly addressSource: 'settings' | 'environment' | 'default' | 'none'
  /** Resolves when it answers; rejects with what is wrong. */
  status(signal: AbortSignal): Promise<Reachable>
  models(signal: AbortSignal): Promise<readonly ProviderModel[]>
  details(key: string, signal: AbortSignal): Promise<ProviderDetails>
  /** What is loaded now, loading and unloading ones included where the provider knows them. */
  instances(signal: AbortSignal): Promise<readonly ProviderInstance[]>
  /** Resolves when loaded. Aborting ends the load and leaves nothing behind. */
  load?(key: string, options: LoadOptions, report: ReportProgress, signal: AbortSignal): Promise<ProviderInstance>
  /** Resolves when its memory is given back. Resolves too when nothing was loaded. */
  unload?(key: string, signal: AbortSignal): Promise<void>
  /** The last chunk is `done`. The model is loaded: the caller has made sure. */
  chat?(
    key: string,
    request: Omit<ChatRequest, 'model' | 'stream'>,
    signal: AbortSignal,
  ): AsyncIterable<ProviderChatChunk>
  /** Calls back when models or instances changed without being asked (a scan, a crash). Returns its end. */
  onChange?(listener: (what: 'models' | 'instances') => void): () => void
  close?(): Promise<void>
}

type WithoutModel<T> = T extends { type: 'done' } ? Omit<T, 'model'> : T
export type ProviderChatChunk = WithoutModel<ChatChunk>
