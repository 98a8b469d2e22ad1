import { z } from 'zod'
import { OpenAiModel } from '../openai/openAiModels.ts'
import { amount, orNull, text } from '../parts/tolerant.ts'

/** What llama-swap answers, as far as we use it (v250). Other servers tell a version too, and none of them a commit. */
export const Version = z
  .object({ version: z.string().min(1).max(100), commit: text(100), build_date: text(100) })
  .refine(({ commit, build_date }) => commit !== null || build_date !== null, {
    path: ['commit'],
    error: 'expected a commit, as llama-swap tells it',
  })

/** What it may say of itself beside what the request and the answer are. */
const abilities = orNull(z.record(z.string(), z.unknown()))

export const SwapModel = OpenAiModel.extend({
  capabilities: abilities,
  /** `type`: model, alias, peer, selector, profile; before v250 nothing, for all of them */
  meta: orNull(z.object({ llamaswap: orNull(z.object({ type: text(32) })), n_ctx: amount, n_ctx_train: amount })),
})
export type SwapModel = z.infer<typeof SwapModel>

/** `cmd` may hold secrets: it goes into readCommand and nowhere else. */
export const Running = z.object({
  model: z.string().min(1).max(900),
  state: text(32),
  cmd: text(100_000),
  /** seconds without use; 0: never */
  ttl: orNull(z.number()),
})
export type Running = z.infer<typeof Running>
export const RunningList = z.object({ running: z.array(Running).max(10_000).nullable() })

const Histogram = orNull(z.object({ p50: amount, p95: amount }))
export const Stats = z.object({
  total_requests: amount,
  total_input_tokens: amount,
  total_output_tokens: amount,
  total_cache_tokens: amount,
  /** tokens per second */
  prompt_histogram: Histogram,
  gen_histogram: Histogram,
})
export type Stats = z.infer<typeof Stats>

export const Activity = z.object({
  data: orNull(
    z
      .array(
        z.object({
          timestamp: text(40),
          model: text(900),
          req_path: text(200),
          resp_status_code: amount,
          duration_ms: amount,
          tokens: orNull(z.object({ input_tokens: amount, output_tokens: amount, tokens_per_second: amount })),
        }),
      )
      .max(1_000),
  ),
})
export type Activity = z.infer<typeof Activity>
