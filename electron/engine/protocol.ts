import { z } from 'zod'
import type { ChatMessage } from '../../shared/contract/answers.ts'
import { KvCacheType, type LoadOptions } from '../../shared/contract/models.ts'
import type { EngineTest } from '../providers/provider.ts'

/** What the host tells an engine process. One process holds one model; the host is trusted, so these are types only. */
export type HostMessage =
  | { readonly type: 'load'; readonly load: EngineLoad }
  | { readonly type: 'chat'; readonly chat: EngineChat }
  | { readonly type: 'embed'; readonly id: number; readonly input: readonly string[] }
  | { readonly type: 'measure'; readonly id: number; readonly test: EngineTest }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'shutdown' }

/** Numbers are range-checked by the host before they get here. */
export interface EngineLoad {
  /** the file, or the first shard */
  readonly path: string
  readonly options: Omit<LoadOptions, 'keepAlive' | 'threads'> & { readonly threads: number }
}

export interface EngineChat {
  readonly id: number
  /** the whole history; what the last request shares with it is not evaluated again */
  readonly messages: readonly ChatMessage[]
  readonly maxTokens?: number
  readonly temperature?: number
  readonly seed?: number
  /** for measurements: each piece of text is told at once, where else those of a frame go together */
  readonly everyToken?: true
}

const Count = z.int().min(0)
const Milliseconds = z.number().min(0)
const Message = z.string().max(20_000)

/** What a load really became; unknown is null. */
export const EffectiveOptions = z.object({
  contextLength: Count,
  /** tokens the model was trained for */
  trainingContextLength: Count.nullable(),
  gpuLayers: z.object({ offloaded: Count, total: Count }).nullable(),
  threads: Count,
  batchSize: Count,
  /** null: the engine decided by itself and does not tell */
  flashAttention: z.boolean().nullable(),
  kvCacheType: KvCacheType.nullable(),
  mmap: z.boolean(),
  /** `metal`, `cuda`, `vulkan`; null: the CPU alone */
  gpu: z.string().max(50).nullable(),
  /** weights and context, as llama.cpp counts its own buffers; null: it does not tell */
  ramBytes: Count.nullable(),
  vramBytes: Count.nullable(),
})
export type EffectiveOptions = z.infer<typeof EffectiveOptions>

/** Errors that the process can name. `TEMPLATE_FAILED` and `PROMPT_TOO_LONG` belong to one request, the others to a load. */
export const EngineFault = z.enum([
  'OUT_OF_MEMORY',
  'LOAD_FAILED',
  'OPTION_IMPOSSIBLE',
  'PROMPT_TOO_LONG',
  'TEMPLATE_FAILED',
  'ANSWER_FAILED',
])
export type EngineFault = z.infer<typeof EngineFault>

const ChatDone = z.object({
  finishReason: z.enum(['stop', 'length', 'cancelled']),
  promptTokens: Count,
  completionTokens: Count,
  /** from receiving the request to the first token */
  ttftMs: Milliseconds.nullable(),
  promptTokensPerSecond: z.number().min(0).nullable(),
  tokensPerSecond: z.number().min(0).nullable(),
  totalMs: Milliseconds,
})
export type ChatDone = z.infer<typeof ChatDone>

/**
 * What an engine process tells. It runs native code over files of strangers, so each message is checked by this schema
 * before anything is done with it.
 */
export const EngineMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loadProgress'), fraction: z.number().min(0).max(1) }),
  z.object({ type: z.literal('loaded'), effective: EffectiveOptions }),
  z.object({ type: z.literal('loadFailed'), fault: EngineFault, message: Message }),
  z.object({ type: z.literal('chunk'), id: Count, text: z.string().max(1_000_000) }),
  z.object({ type: z.literal('done'), id: Count, summary: ChatDone }),
  /** one vector for each text */
  z.object({
    type: z.literal('embedded'),
    id: Count,
    vectors: z.array(z.array(z.number()).min(1).max(65_536)).max(1000),
    promptTokens: Count,
  }),
  z.object({ type: z.literal('measured'), id: Count, tokens: z.int().min(1), ms: z.number().positive() }),
  z.object({ type: z.literal('answerFailed'), id: Count, fault: EngineFault, message: Message }),
])
export type EngineMessage = z.infer<typeof EngineMessage>
