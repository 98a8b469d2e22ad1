import { z } from 'zod'
import { amount, flag, orNull, text, words } from '../parts/tolerant.ts'

/** What Lemonade answers, as far as we use it (2026.39). Only what identifies a thing must be there. */
const name = z.string().min(1).max(900)
const pid = orNull(z.int().positive())

/** -1: Lemonade chooses, or there is no limit. */
const orMinusOne = orNull(z.number().min(-1))

const recipeOptions = orNull(
  z.object({
    ctx_size: orMinusOne,
    llamacpp_args: text(4_000),
    pinned: flag,
    auto_evict: flag,
    /** seconds */
    evict_idle_timeout: amount,
  }),
)

export const LoadedModel = z.object({
  model_name: name,
  type: text(64),
  recipe: text(64),
  recipe_options: recipeOptions,
  pid,
  pinned: flag,
  is_busy: flag,
  backend_alive: flag,
})
export type LoadedModel = z.infer<typeof LoadedModel>

const counts = orNull(z.record(z.string().max(64), z.number()))

export const Health = z.object({
  status: z.string().max(64),
  version: z.string().min(1).max(100),
  all_models_loaded: z.array(LoadedModel).max(10_000),
  max_models: counts,
  pinned_models: counts,
})
export type Health = z.infer<typeof Health>

export const ListedModel = z.object({
  id: name,
  checkpoint: text(4096),
  recipe: text(64),
  recipe_options: recipeOptions,
  labels: words(32),
  downloaded: flag,
  /** GiB, to three places; missing for tiny files */
  size: amount,
  /** `extra_models_dir`, `local_path`, `huggingface` … */
  source: text(64),
  /** loaded, saved or automatic */
  context_length: amount,
  /** trained */
  max_context_window: amount,
  update_available: flag,
  components: words(100),
})
export type ListedModel = z.infer<typeof ListedModel>

const ModelFile = z.object({
  name: z.string().min(1).max(4096),
  role: text(64),
  path: text(4096),
  size_bytes: amount,
  exists: flag,
})
export type ModelFile = z.infer<typeof ModelFile>
export const ModelFiles = z.object({ files: z.array(ModelFile).max(10_000) })

export const Aliases = z.object({
  aliases: z.array(z.object({ alias: name, target: name })).max(10_000),
})

export const LoadAnswer = z.object({ status: z.literal('success'), model_name: name })
export const Done = z.object({ status: z.literal('success') })

/** Of one file on its way; a size that is not known yet is 0. */
export const PullProgress = z.object({
  file: text(4096),
  file_index: amount,
  total_files: amount,
  bytes_downloaded: amount,
  bytes_total: amount,
  /** of all files */
  total_download_size: amount,
})
export type PullProgress = z.infer<typeof PullProgress>

export const Stats = z.object({
  /** seconds */
  time_to_first_token: amount,
  tokens_per_second: amount,
  request_count_total: amount,
  input_tokens_total: amount,
  output_tokens_total: amount,
})

const backend = orNull(z.object({ state: text(64), version: text(64) }))
export const SystemInfo = z.object({
  'OS Version': text(200),
  Processor: text(200),
  'Physical Memory': text(64),
  model_storage: orNull(z.object({ path: text(4096), free_bytes: amount })),
  recipes: orNull(
    z.record(
      z.string().max(64),
      orNull(z.object({ default_backend: text(64), backends: orNull(z.record(z.string().max(64), backend)) })),
    ),
  ),
})
export type SystemInfo = z.infer<typeof SystemInfo>

export const Config = z.object({ offline: flag, extra_models_dir: text(4096), auto_evict: flag })
