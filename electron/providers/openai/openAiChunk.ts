import { z } from 'zod'
import { amount, orNull, text } from '../parts/tolerant.ts'

const Delta = z.object({
  content: text(1_000_000),
  /** newer vLLM, OpenRouter, Ollama */
  reasoning: text(1_000_000),
  /** llama-server, older vLLM, DeepSeek */
  reasoning_content: text(1_000_000),
})

/** One event of a streamed answer. `choices` is empty beside the usage; of several answers only the first is read. */
export const OpenAiChunk = z.object({
  /** `error` in the flat errors of older vLLM */
  object: text(64),
  choices: z
    .array(z.object({ delta: orNull(Delta), finish_reason: text(64) }))
    .nullish()
    .transform((choices) => choices ?? []),
  usage: orNull(
    z.object({
      prompt_tokens: amount,
      completion_tokens: amount,
      /** US dollars, of OpenRouter */
      cost: amount,
      completion_tokens_details: orNull(z.object({ reasoning_tokens: amount })),
    }),
  ),
  /** of llama-server: milliseconds, and tokens that were worked on */
  timings: orNull(
    z.object({ cache_n: amount, prompt_n: amount, prompt_ms: amount, predicted_n: amount, predicted_ms: amount }),
  ),
})
export type OpenAiChunk = z.infer<typeof OpenAiChunk>
