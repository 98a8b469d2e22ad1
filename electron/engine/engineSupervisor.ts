import type { LoadOptions } from '../../shared/contract/models.ts'
import type { ProviderChatChunk, ProviderInstance, ReportProgress } from '../providers/provider.ts'
import type { SpawnEngine } from './engineProcess.ts'
import type { EffectiveOptions, EngineChat } from './protocol.ts'

export interface EngineLoadRequest {
  /** the file, or the first shard; already checked by our own reader */
  readonly path: string
  readonly options: LoadOptions
  readonly estimatedBytes?: number | null
}

/** `options` are those asked for with the engine's choices filled in once it is loaded. */
export type EngineInstance = Omit<ProviderInstance, 'memory'> & {
  readonly estimatedBytes: number | null
  /** what the load really became, with the memory llama.cpp counts; null until it is loaded */
  readonly effective: EffectiveOptions | null
}

export type EngineChatRequest = Omit<EngineChat, 'id'>

interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface EngineSupervisorDeps {
  readonly spawn: SpawnEngine
  /** what an engine process may see of the environment; see engineEnvironment.ts */
  readonly env: Readonly<Record<string, string>>
  readonly now: () => number
  readonly log: Log
  readonly physicalCores: number
  /** Called after every change of an instance, at most every 100 ms for progress. */
  readonly onChange: () => void
}

export interface EngineSupervisor {
  /** Resolves when loaded; a load under way or done with the same options is joined. */
  load(key: string, request: EngineLoadRequest, report: ReportProgress, signal: AbortSignal): Promise<EngineInstance>
  /** Resolves when the process is gone, at once when there is none. */
  unload(key: string): Promise<void>
  chat(key: string, request: EngineChatRequest, signal: AbortSignal): AsyncIterable<ProviderChatChunk>
  instances(): readonly EngineInstance[]
  /** Ends every engine process. */
  close(): Promise<void>
}

export declare function createEngineSupervisor(deps: EngineSupervisorDeps): EngineSupervisor
