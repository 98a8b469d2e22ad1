import type { ChatRequest } from '../../../shared/contract/answers.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import type { ProviderChatChunk, Wire } from '../provider.ts'
import type { RunnerRequest } from './ollamaInstance.ts'
import { ChatLine } from './ollamaSchemas.ts'

export interface OllamaChat {
  readonly key: string
  readonly request: Omit<ChatRequest, 'model' | 'stream'>
  /** fields of the request that loaded the model: with others, Ollama loads it anew */
  readonly runner: RunnerRequest
  /** the server may still have this prompt evaluated, so its prompt speed says nothing */
  readonly promptMayBeCached: boolean
  /** until the first token, which a long prompt delays */
  readonly firstTokenMs: number
  readonly idleMs: number
}

const path = '/api/chat'

const bodyOf = ({ key, request, runner }: Pick<OllamaChat, 'key' | 'request' | 'runner'>) => ({
  model: key,
  messages: request.messages,
  stream: true,
  truncate: false, // a prompt above the context is an error; by default its beginning is dropped in silence
  ...runner,
  options: {
    ...runner.options,
    ...(request.maxTokens !== undefined && { num_predict: request.maxTokens }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.seed !== undefined && { seed: request.seed }),
  },
})

/** What `chatWithOllama` would send. */
export const wireOfOllama = (http: HttpClient, chat: Parameters<typeof bodyOf>[0]): Wire => ({
  ...http.wire(path, bodyOf(chat)),
  format: 'ollama',
})

/** One answer of /api/chat as it comes. */
export async function* chatWithOllama(
  http: HttpClient,
  { key, request, runner, promptMayBeCached, firstTokenMs, idleMs }: OllamaChat,
  signal: AbortSignal,
): AsyncGenerator<ProviderChatChunk> {
  const startedAt = performance.now()
  const elapsed = () => performance.now() - startedAt
  let ttftMs: number | null = null
  let last: ChatLine | null = null
  const body = bodyOf({ key, request, runner })
  const call = { path, body, limits: { headersMs: firstTokenMs, idleMs } }
  for await (const line of http.ndjson(call, ChatLine, signal)) {
    last = line
    const text = line.message?.content
    if (text || line.message?.thinking) ttftMs ??= elapsed()
    if (line.message?.thinking) yield { type: 'reasoning', text: line.message.thinking }
    if (text) yield { type: 'text', text }
    if (line.done) break
  }
  if (last === null) throw new AppError('PROVIDER_BAD_ANSWER', 'Ollama ended its answer without a word.')
  // A whole stream without `done: true` is Ollama's way to stop after some thirty equal tokens; it then has no figures.
  yield {
    type: 'done',
    finishReason: last.done_reason === 'length' ? 'length' : 'stop',
    usage: { promptTokens: last.prompt_eval_count, completionTokens: last.eval_count },
    timings: {
      ttftMs,
      promptTokensPerSecond: promptMayBeCached ? null : perSecond(last.prompt_eval_count, last.prompt_eval_duration),
      tokensPerSecond: perSecond(last.eval_count, last.eval_duration),
      totalMs: elapsed(),
    },
    costUsd: null,
  }
}

/** Ollama leaves figures out that are zero. */
const perSecond = (count: number | null, nanoseconds: number | null): number | null =>
  count === null || nanoseconds === null || nanoseconds === 0 ? null : (count / nanoseconds) * 1e9
