import { z } from 'zod'
import { amount, flag, orNull, positive, text, time, words } from '../parts/tolerant.ts'

/** What LM Studio 0.4 answers, as far as we use it. */
const name = z.string().min(1).max(900)

export const Greeting = z.object({ lmstudio: z.literal(true) })

const LoadConfig = z.object({
  context_length: positive,
  eval_batch_size: positive,
  parallel: positive,
  flash_attention: flag,
  num_experts: positive,
  offload_kv_cache_to_gpu: flag,
})

const LoadedInstance = z.object({ id: name, config: orNull(LoadConfig) })
export type LoadedInstance = z.infer<typeof LoadedInstance>

export const ListedModel = z.object({
  /** `llm` or `embedding`; more may come */
  type: text(64),
  key: name,
  publisher: text(300),
  display_name: text(300),
  architecture: text(64),
  quantization: orNull(z.object({ name: text(64), bits_per_weight: positive })),
  size_bytes: positive,
  params_string: text(64),
  loaded_instances: orNull(z.array(LoadedInstance).max(1000)),
  max_context_length: positive,
  format: text(64),
  capabilities: orNull(
    z.object({
      vision: flag,
      trained_for_tool_use: flag,
      reasoning: orNull(z.object({ allowed_options: words(16), default: text(64) })),
    }),
  ),
  description: text(10_000),
  variants: words(100),
  selected_variant: text(900),
})
export type ListedModel = z.infer<typeof ListedModel>

export const ModelList = z.object({ models: z.array(ListedModel).max(100_000) })

export const LoadAnswer = z.object({ instance_id: name, load_time_seconds: amount })
export const UnloadAnswer = z.object({ instance_id: name })

const DownloadState = z.enum(['downloading', 'paused', 'completed', 'failed', 'already_downloaded'])
export const Download = z.object({
  status: DownloadState,
  job_id: text(300),
  total_size_bytes: positive,
  downloaded_bytes: amount,
  started_at: time,
})
export type Download = z.infer<typeof Download>

/** What the socket tells of an instance beyond the list of REST. */
export const SocketInstances = z.array(
  z.object({
    identifier: name,
    /** milliseconds without use; null: it stays */
    ttlMs: z.number().positive().nullish().catch(undefined),
    /** Unix milliseconds */
    lastUsedTime: positive,
  }),
)
export type SocketInstance = z.infer<typeof SocketInstances>[number]

/** `path` is relative to the folder of models. */
export const SocketModels = z.array(z.object({ modelKey: name, path: text(4096) }))
export const SocketVersion = z.object({ version: z.string().min(1).max(100) })
