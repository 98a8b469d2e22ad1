import { z } from 'zod'
import { amount, flag, orNull, text, words } from '../parts/tolerant.ts'
import type { PriceTexts } from './openRouterPrice.ts'

/** What OpenRouter answers, as far as we use it. Enumerations are open: it adds values without notice. */

const maxPrices = 50

/** Names that begin like a price's; a number is no decimal text any more and is taken as it is written. */
const toPriceTexts = (value: unknown): PriceTexts => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const texts = Object.entries(value).flatMap(([name, price]): [string, string][] => {
    if (!/^[a-z][a-z\d_]{0,60}$/.test(name)) return []
    return typeof price === 'string' || typeof price === 'number' ? [[name, String(price).slice(0, 60)]] : []
  })
  return Object.fromEntries(texts.slice(0, maxPrices))
}
const overridesOf = (value: unknown): readonly PriceTexts[] =>
  typeof value === 'object' && value !== null && 'overrides' in value && Array.isArray(value.overrides)
    ? value.overrides.slice(0, 20).map(toPriceTexts)
    : []
const pricing = z.unknown().transform((value) => ({ texts: toPriceTexts(value), overrides: overridesOf(value) }))

export const OpenRouterModel = z.object({
  id: z.string().min(1).max(900),
  canonical_slug: text(900),
  hugging_face_id: text(200),
  name: text(300),
  /** Unix seconds */
  created: amount,
  description: text(4_000),
  context_length: amount,
  architecture: orNull(
    z.object({
      modality: text(100),
      input_modalities: words(16),
      output_modalities: words(16),
      tokenizer: text(100),
      instruct_type: text(100),
    }),
  ),
  pricing,
  top_provider: orNull(z.object({ context_length: amount, max_completion_tokens: amount, is_moderated: flag })),
  supported_parameters: words(100),
  knowledge_cutoff: text(100),
  expiration_date: text(100),
})
export type OpenRouterModel = z.infer<typeof OpenRouterModel>

const percentiles = orNull(z.object({ p50: amount }))

export const Endpoint = z.object({
  name: text(300),
  provider_name: text(200),
  /** of the provider, with its variant */
  tag: text(200),
  quantization: text(64),
  context_length: amount,
  max_completion_tokens: amount,
  pricing,
  /** 0 is well, less is not */
  status: orNull(z.number()),
  /** percent */
  uptime_last_1d: amount,
  /** milliseconds until the first token */
  latency_last_30m: percentiles,
  /** tokens per second */
  throughput_last_30m: percentiles,
})
export type Endpoint = z.infer<typeof Endpoint>
export const EndpointList = z.object({ data: z.object({ endpoints: z.array(Endpoint).max(1_000) }) })

/** US dollars; also below zero. */
const usd = orNull(z.number())

export const KeyInfo = z.object({
  data: z
    .object({
      label: text(200),
      limit: usd,
      limit_remaining: usd,
      usage: usd,
      usage_daily: usd,
      is_free_tier: flag,
      is_management_key: flag,
      is_provisioning_key: flag,
      free_model_daily_requests: orNull(z.object({ limit: amount, remaining: amount })),
    })
    .refine(({ label, usage }) => label !== null || usage !== null, 'expected a label or a usage'),
})
export type KeyInfo = z.infer<typeof KeyInfo>['data']

export const Credits = z.object({ data: z.object({ total_credits: z.number(), total_usage: z.number() }) })
export const Count = z.object({ data: z.object({ count: z.number() }) })
