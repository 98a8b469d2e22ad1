import type { ChatRequest, ChatSummary } from '../../../shared/contract/answers.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import type { ProviderChatChunk, Wire } from '../provider.ts'
import { OpenAiChunk } from './openAiChunk.ts'
import { promptSpeedOf, speedOf, usageOf } from './openAiTimings.ts'

export interface OpenAiChat {
  /** below the client's base, e.g. `/v1/chat/completions` */
  readonly path: string
  /** the server's name of it */
  readonly model: string
  readonly request: Omit<ChatRequest, 'model' | 'stream'>
  /** more fields of the body; one that is undefined takes a field away */
  readonly extra?: Readonly<Record<string, unknown>>
  /** from the request to the first text, which a long prompt delays */
  readonly firstTokenMs: number
  /** between two pieces of the answer; comments that only keep the line open do not count */
  readonly idleMs: number
}

/** One answer as it streams, whichever OpenAI-style server gives it. Its last chunk is `done`. */
export async function* chatWithOpenAi(
  http: HttpClient,
  chat: OpenAiChat,
  signal: AbortSignal,
): AsyncGenerator<ProviderChatChunk> {
  const startedAt = performance.now()
  const elapsed = () => performance.now() - startedAt
  const seen = { firstAt: null as number | null, lastAt: null as number | null, reasoning: false }
  let figures: Pick<OpenAiChunk, 'usage' | 'timings'> = { usage: null, timings: null }
  let finish: string | null = null
  for await (const chunk of chunksOf(http, chat, signal)) {
    figures = { usage: chunk.usage ?? figures.usage, timings: chunk.timings ?? figures.timings }
    const [choice] = chunk.choices
    finish = choice?.finish_reason || finish
    const text = choice?.delta?.content
    const reasoning = choice?.delta?.reasoning || choice?.delta?.reasoning_content
    if (!text && !reasoning) continue
    seen.lastAt = elapsed()
    seen.firstAt ??= seen.lastAt
    seen.reasoning ||= Boolean(reasoning)
    if (reasoning) yield { type: 'reasoning', text: reasoning }
    if (text) yield { type: 'text', text }
  }
  yield {
    type: 'done',
    finishReason: toFinishReason(finish),
    usage: usageOf(figures),
    timings: {
      ttftMs: seen.firstAt,
      promptTokensPerSecond: promptSpeedOf(figures),
      tokensPerSecond: speedOf(figures, seen),
      totalMs: elapsed(),
    },
    costUsd: figures.usage?.cost ?? null,
  }
}

/** The events of a whole answer. Time-outs are counted by our own clock: exact, and not held off by comments. */
async function* chunksOf(http: HttpClient, chat: OpenAiChat, signal: AbortSignal): AsyncGenerator<OpenAiChunk> {
  const { path, firstTokenMs, idleMs } = chat
  const silence = new AbortController()
  const limits = { headersMs: 0, idleMs: 0 }
  const state = { begun: false, answering: false, ended: false }
  const wait = () => setTimeout(() => silence.abort(), state.answering ? idleMs : firstTokenMs)
  let timer = wait()
  try {
    const either = AbortSignal.any([signal, silence.signal])
    for await (const { data } of http.events({ path, body: bodyOf(chat), limits }, either)) {
      clearTimeout(timer)
      if (data.startsWith('[DONE]')) {
        state.ended = true
        break
      }
      const chunk = parseChunk(http, data)
      const [choice] = chunk.choices
      state.begun ||= choice !== undefined
      state.answering ||= Boolean(
        choice?.delta?.content || choice?.delta?.reasoning || choice?.delta?.reasoning_content,
      )
      state.ended ||= Boolean(choice?.finish_reason)
      yield chunk
      timer = wait()
    }
  } catch (error) {
    if (!silence.signal.aborted || signal.aborted) throw error
    const words = state.answering
      ? `The server stopped in the middle of its answer: nothing came for ${idleMs / 1000} s.`
      : `The server did not begin its answer within ${firstTokenMs / 1000} s.`
    throw new AppError('PROVIDER_TIMEOUT', words, { cause: error })
  } finally {
    clearTimeout(timer)
  }
  if (!state.begun) throw new AppError('PROVIDER_BAD_ANSWER', 'The server ended its answer without a word.')
  // a line in plain text is all that a router says when the model's process ends
  if (!state.ended) throw new AppError('PROVIDER_BAD_ANSWER', 'The server broke off in the middle of its answer.')
}

type OpenAiQuestion = Pick<OpenAiChat, 'path' | 'model' | 'request' | 'extra'>

const bodyOf = ({ model, request, extra }: Omit<OpenAiQuestion, 'path'>) => ({
  model,
  messages: request.messages,
  stream: true,
  stream_options: { include_usage: true },
  ...(request.maxTokens !== undefined && { max_tokens: request.maxTokens }),
  ...(request.temperature !== undefined && { temperature: request.temperature }),
  ...(request.seed !== undefined && { seed: request.seed }),
  ...extra,
})

/** What `chatWithOpenAi` would send. */
export const wireOfOpenAi = (http: HttpClient, question: OpenAiQuestion): Wire => ({
  ...http.wire(question.path, bodyOf(question)),
  format: 'openai',
})

const parseChunk = (http: HttpClient, data: string): OpenAiChunk => {
  const chunk = http.parseData(data, OpenAiChunk)
  const failed = chunk.choices[0]?.finish_reason === 'error'
  if (chunk.object !== 'error' && !failed) return chunk
  // told once more in the form that is an error to the client, and so to the fault of the kind
  const error = failed ? { message: 'The answer ended with an error.', code: 502 } : JSON.parse(data)
  return http.parseData(JSON.stringify({ error }), OpenAiChunk)
}

const toFinishReason = (reason: string | null): ChatSummary['finishReason'] => {
  if (reason === 'length' || reason === 'max_tokens') return 'length'
  return reason === 'abort' || reason === 'cancelled' ? 'cancelled' : 'stop'
}
