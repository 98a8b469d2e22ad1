import { z } from 'zod'
import { OpenAiModel } from '../openai/openAiModels.ts'
import { amount, flag, orNull, text, words } from '../parts/tolerant.ts'

/** What llama-server answers, as far as we use it (0.7, build 11669; older builds leave fields out). */
export const Props = z.object({
  /** `router`, or absent */
  role: text(32),
  build_info: text(100),
  max_instances: amount,
  models_autoload: flag,
  total_slots: amount,
  model_path: text(4096),
  model_ftype: text(64),
  modalities: orNull(z.object({ vision: flag, audio: flag })),
  endpoint_slots: flag,
  endpoint_metrics: flag,
  chat_template: text(1_000_000),
  chat_template_caps: orNull(
    z.object({ supports_tools: flag, supports_tool_calls: flag, supports_preserve_reasoning: flag }),
  ),
  is_sleeping: flag,
  /** drawn by chance at each start of the process, so it tells one start from the next */
  media_marker: text(200),
  /** tokens per slot */
  default_generation_settings: orNull(z.object({ n_ctx: amount })),
})
export type Props = z.infer<typeof Props>

/** How far a load is: which of its stages, and how much of that one. */
const Progress = orNull(z.object({ stages: words(32), current: text(100), value: amount }))

/** Its command line may hold secrets: only known flags of it are read, see llamaServerFlags.ts. */
const commandLine = orNull(
  z.array(z.unknown()).transform((values) => values.slice(0, 1_000).map((value) => String(value).slice(0, 4096))),
)

/** One model of GET /models; `status`, `source` and `can_remove` only of a router. */
export const ModelEntry = OpenAiModel.extend({
  status: orNull(
    z.object({ value: text(32), failed: flag, exit_code: orNull(z.int()), progress: Progress, args: commandLine }),
  ),
  source: text(32),
  can_remove: flag,
  /** only while loaded, in router mode */
  meta: orNull(
    z.object({
      /** of llama.cpp's kinds of vocabulary */
      vocab_type: amount,
      n_vocab: amount,
      /** tokens per slot */
      n_ctx: amount,
      n_ctx_train: amount,
      n_embd: amount,
      n_params: amount,
      /** bytes of all tensors, which is a little less than the file */
      size: amount,
      ftype: text(64),
    }),
  ),
})
export type ModelEntry = z.infer<typeof ModelEntry>

export const Slot = z.object({
  id: amount,
  n_ctx: amount,
  is_processing: flag,
  /** tokens in it now, prompt and generated; they stay after the task */
  n_prompt_tokens: amount,
  id_task: orNull(z.number()),
})
export type Slot = z.infer<typeof Slot>
export const Slots = z.array(Slot).max(1_000)

export const LoraAdapters = z
  .array(z.object({ id: z.int().nonnegative(), path: text(4096), scale: orNull(z.number()) }))
  .max(1_000)
export type LoraAdapters = z.infer<typeof LoraAdapters>

/** One event of GET /models/sse. Of a download `data` is `{url: {done, total}}`, bytes. */
export const RouterEvent = z.object({ model: text(900), event: text(64), data: z.unknown() })
export type RouterEvent = z.infer<typeof RouterEvent>
export const StatusData = orNull(z.object({ status: text(32), progress: Progress }))
export const DownloadData = orNull(z.record(z.string(), orNull(z.object({ done: amount, total: amount }))))

/** 0–1 over all stages; null when it is not told. */
export const fractionOf = (progress: z.infer<typeof Progress>): number | null => {
  if (progress === null || progress.value === null) return null
  const stages = progress.stages ?? []
  const at = Math.max(0, stages.indexOf(progress.current ?? ''))
  return Math.min(1, (at + Math.min(1, progress.value)) / Math.max(1, stages.length))
}
