import { z } from 'zod'
import { amount, flag, orNull, text, time } from '../parts/tolerant.ts'

/** What Ollama answers, as far as we use it (0.32). */

/** 64 hex digits: the SHA-256 of the manifest, the identity of a model build, not of its weights. */
const digest = orNull(z.string().regex(/^[0-9a-f]{64}$/))
const name = z.string().min(1).max(900)
const capabilities = orNull(z.array(z.string().max(64)).max(32))
const details = orNull(
  z.object({
    format: text(64),
    family: text(64),
    parent_model: text(900),
    parameter_size: text(64),
    quantization_level: text(64),
    context_length: amount,
  }),
)

export const Version = z.object({ version: z.string().min(1).max(100) })

export const Tag = z.object({
  name,
  modified_at: time,
  size: amount,
  digest,
  details,
  capabilities,
  remote_host: text(300),
})
export type Tag = z.infer<typeof Tag>
export const Tags = z.object({ models: z.array(Tag).nullable() })

export const Running = z.object({
  name,
  digest,
  size: amount,
  size_vram: amount,
  expires_at: time,
  context_length: amount,
})
export type Running = z.infer<typeof Running>
export const RunningList = z.object({ models: z.array(Running).nullable() })

const metadata = orNull(
  z.custom<Record<string, unknown>>((value) => typeof value === 'object' && !Array.isArray(value)),
)

export const Show = z.object({
  license: text(100_000),
  modelfile: text(1_000_000),
  template: text(1_000_000),
  system: text(100_000),
  parameters: text(20_000),
  requires: text(64),
  details,
  model_info: metadata,
  projector_info: metadata,
  capabilities,
  modified_at: time,
  remote_host: text(300),
  remote_model: text(900),
})
export type Show = z.infer<typeof Show>

/** One line of pull, push or create. Ollama leaves out what is zero. */
export const ProgressLine = z.object({ status: z.string(), digest: text(200), total: amount, completed: amount })
export type ProgressLine = z.infer<typeof ProgressLine>

export const Embeddings = z.object({
  embeddings: z.array(z.array(z.number()).min(1)),
  prompt_eval_count: amount,
})

/** Not there before 0.16. */
export const CloudStatus = z.object({ cloud: orNull(z.object({ disabled: flag })) })

/** Of generate and embed, when they only load or unload. */
export const LoadAnswer = z.object({ model: z.string() })

export const ChatLine = z.object({
  message: orNull(z.object({ content: text(1_000_000), thinking: text(1_000_000) })),
  done: z.boolean().optional(),
  done_reason: text(64),
  prompt_eval_count: amount,
  /** nanoseconds */
  prompt_eval_duration: amount,
  eval_count: amount,
  /** nanoseconds */
  eval_duration: amount,
})
export type ChatLine = z.infer<typeof ChatLine>
