import type { ChatSummary } from '../../../shared/contract/answers.ts'
import type { OpenAiChunk } from './openAiChunk.ts'

/** Our clock cannot tell a speed from less: a proxy that holds text back lets it all go at once. */
const leastSpanMs = 10

/** What we saw of a stream ourselves; times in milliseconds since the request. */
export interface SeenTokens {
  readonly firstAt: number | null
  readonly lastAt: number | null
  /** reasoning came as text; else its tokens are in the count and not in the stream */
  readonly reasoning: boolean
}

type Figures = { readonly usage: OpenAiChunk['usage']; readonly timings: OpenAiChunk['timings'] }

/** The server's own figures first; they leave waiting and the network out. */
export const usageOf = ({ usage, timings }: Figures): ChatSummary['usage'] => ({
  promptTokens: usage?.prompt_tokens ?? (timings?.prompt_n == null ? null : timings.prompt_n + (timings.cache_n ?? 0)),
  completionTokens: usage?.completion_tokens ?? timings?.predicted_n ?? null,
})

/** A prompt that was in the cache says nothing about the speed of reading. */
export const promptSpeedOf = ({ timings }: Figures): number | null => {
  if (!timings?.prompt_n || !timings.prompt_ms || (timings.cache_n ?? 0) > 0) return null
  return (timings.prompt_n / timings.prompt_ms) * 1000
}

/** Tokens per second from the first token to the last one. */
export const speedOf = ({ usage, timings }: Figures, { firstAt, lastAt, reasoning }: SeenTokens): number | null => {
  if (timings?.predicted_n && timings.predicted_ms)
    return timings.predicted_n < 2 ? null : ((timings.predicted_n - 1) / timings.predicted_ms) * 1000
  if (firstAt === null || lastAt === null || usage?.completion_tokens == null) return null
  const hidden = reasoning ? 0 : (usage.completion_tokens_details?.reasoning_tokens ?? 0)
  const tokens = usage.completion_tokens - hidden
  const spanMs = lastAt - firstAt
  return tokens < 2 || spanMs < leastSpanMs ? null : ((tokens - 1) / spanMs) * 1000
}
