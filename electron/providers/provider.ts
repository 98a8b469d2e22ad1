import type { ChatChunk, ChatRequest, EmbedResult } from '../../shared/contract/answers.ts'
import type { FactGroup } from '../../shared/contract/checks.ts'
import type { Transfer } from '../../shared/contract/jobs.ts'
import type { AdapterChange, Adapters, CreateRequest } from '../../shared/contract/modelCare.ts'
import type { Instance, LoadOptions, Model, ModelDetails, ModelVerbs } from '../../shared/contract/models.ts'
import type { Account, ProviderKind, Verb } from '../../shared/contract/providers.ts'

/** What could run here, as the provider itself knows it; state and measured speed are added by the model service. */
export type ProviderModel = Omit<
  Model,
  'model' | 'provider' | 'state' | 'stale' | 'estimatedBytes' | 'tokensPerSecond' | 'verbs' | 'cannot' | 'sameAs'
> & {
  /** sentences for people, for each verb that this one lacks though its provider has it */
  readonly lacks: Readonly<Partial<Record<keyof ModelVerbs, string>>>
}

/** What runs here, by model key; the model service gives it its model id. */
export type ProviderInstance = Omit<Instance, 'id' | 'model' | 'provider' | 'lastChat' | 'estimatedBytes'> & {
  readonly key: string
  /** the server's own name of it, where one model may be loaded more than once */
  readonly instance: string | null
}

export type ProviderDetails = Omit<ModelDetails, 'model'>

type Reachable = { readonly version: string | null; readonly latencyMs: number | null }

/** 0–1, or null where the provider does not tell. */
export type ReportProgress = (fraction: number | null) => void
/** What is going on in words, and what is on its way. */
export type ReportTransfer = (text: string, transfer: Omit<Transfer, 'bytesPerSecond'> | null) => void

export interface ProviderRemoval {
  /** on the server's disk; null: not told */
  readonly freedBytes: number | null
  /** keys of other models that use the same files, so that these stay */
  readonly sharedWith: readonly string[]
  /** keys of other models that lose their files with this one */
  readonly alsoRemoved: readonly string[]
  readonly notes: readonly string[]
}

/** What the engine itself is measured by, once: reading a prompt, or generating, with `depth` tokens in the context before. */
export interface EngineTest {
  readonly type: 'prompt' | 'generation'
  readonly tokens: number
  readonly depth: number
}
/** Neither waiting nor the network is in it. `tokens`: really worked on. */
export interface EngineMeasurement {
  readonly tokens: number
  readonly ms: number
}

/** One streamed answer as plain HTTP, for a client that times it at the socket. It holds the key: never logged, never kept. */
export interface Wire {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON */
  readonly body: string
  /** server-sent events of OpenAI's chat completions, or lines of Ollama's /api/chat */
  readonly format: 'openai' | 'ollama'
}

export type ProviderChatRequest = Omit<ChatRequest, 'model' | 'stream'> & {
  /** for measurements: each token is told by itself and at once, where else they are put together */
  readonly everyToken?: true
}

export interface PullRequest {
  readonly name: string
  readonly quantization?: string | undefined
  readonly insecure?: boolean | undefined
}

/**
 * A connection to something that runs models. A verb that the server does not have is absent, and `cannot` says why in
 * words. Every call may be aborted and then rejects with AppError CANCELLED; a server's fault rejects with a PROVIDER_*
 * error, its out-of-memory with OUT_OF_MEMORY, an unknown key with MODEL_NOT_FOUND, a load option it cannot take with
 * VERB_NOT_SUPPORTED.
 */
export interface Provider {
  readonly id: string
  readonly kind: ProviderKind
  readonly name: string
  readonly address: string | null
  /** sentences, for every verb that is absent */
  readonly cannot: Readonly<Partial<Record<Verb, string>>>
  /** sentences, for every load option that this server cannot take, with where it is set instead */
  readonly ignoredOptions: Readonly<Partial<Record<keyof LoadOptions, string>>>
  /** Resolves when it answers; rejects with what is wrong: not this kind of server, too old, a key that it refuses. */
  status(signal: AbortSignal): Promise<Reachable>
  models(signal: AbortSignal): Promise<readonly ProviderModel[]>
  details(key: string, signal: AbortSignal): Promise<ProviderDetails>
  /** What is loaded now, loading and unloading ones included where the provider knows them. */
  instances(signal: AbortSignal): Promise<readonly ProviderInstance[]>
  /** Resolves when loaded. Aborting ends the load and leaves nothing behind. */
  load?(key: string, options: LoadOptions, report: ReportProgress, signal: AbortSignal): Promise<ProviderInstance>
  /**
   * Resolves when its memory is given back. Resolves too when nothing was loaded. `instance`: the server's name of one of
   * several; null ends all of this model.
   */
  unload?(key: string, instance: string | null, signal: AbortSignal): Promise<void>
  /** It is loaded. Seconds without use, or pinned. */
  keepAlive?(key: string, keepAlive: NonNullable<LoadOptions['keepAlive']>, signal: AbortSignal): Promise<void>
  /** The last chunk is `done`. The model is loaded, where that can be: the caller has made sure. */
  chat?(key: string, request: ProviderChatRequest, signal: AbortSignal): AsyncIterable<ProviderChatChunk>
  /**
   * What `chat` would send for this, for load tests; absent where there is no HTTP between. `exact`: the answer goes on to
   * `maxTokens` where the server can be told so, and no prompt is taken from its cache.
   */
  wire?(key: string, request: ProviderChatRequest & { readonly exact: boolean }, signal: AbortSignal): Promise<Wire>
  /** One measurement by the engine's own clock. The model is loaded: the caller has made sure. */
  measure?(key: string, test: EngineTest, signal: AbortSignal): Promise<EngineMeasurement>
  /** By the tokenizer of a model that is loaded, without a chat template; absent where no server tells it. */
  countTokens?(key: string, text: string, signal: AbortSignal): Promise<number>
  /** One vector for each text, in their order. */
  embed?(key: string, input: readonly string[], signal: AbortSignal): Promise<Omit<EmbedResult, 'model' | 'totalMs'>>
  /** Resolves with the key under which it is listed then. Goes on where an earlier one was cut, when the server can. */
  pull?(request: PullRequest, report: ReportTransfer, signal: AbortSignal): Promise<string>
  push?(key: string, insecure: boolean, report: ReportTransfer, signal: AbortSignal): Promise<void>
  create?(
    request: Omit<CreateRequest, 'model'> & { readonly key: string },
    report: ReportTransfer,
    signal: AbortSignal,
  ): Promise<string>
  copy?(key: string, to: string, signal: AbortSignal): Promise<string>
  /** What `remove` would do. */
  removal?(key: string, signal: AbortSignal): Promise<ProviderRemoval>
  /** It is not loaded: the caller has made sure. */
  remove?(key: string, signal: AbortSignal): Promise<void>
  adapters?(key: string, signal: AbortSignal): Promise<Adapters>
  changeAdapter?(key: string, change: AdapterChange, signal: AbortSignal): Promise<Adapters>
  /** What the server says of itself now: queues, slots, caches, limits. */
  facts?(signal: AbortSignal): Promise<readonly FactGroup[]>
  account?(signal: AbortSignal): Promise<Account>
  /** Calls back when models or instances changed without being asked (a scan, a crash). Returns its end. */
  onChange?(listener: (what: 'models' | 'instances') => void): () => void
  close?(): Promise<void>
}

type WithoutModel<T> = T extends { type: 'done' } ? Omit<T, 'model'> : T
export type ProviderChatChunk = WithoutModel<ChatChunk>

/** What every kind makes a provider of. */
export interface ProviderConfig {
  readonly id: string
  readonly name: string
  /** checked: http or https, an origin and maybe a path, without user name, query or hash */
  readonly address: string
  /** The secret: a `key` alone is a model's. Asked for with each call, never kept: it may be locked, changed, taken away. */
  readonly apiKey: () => string | null
  /** do not list what costs money */
  readonly hidePaid: boolean
  /** Unix milliseconds */
  readonly now: () => number
}
