import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { amount, orNull, text, words } from '../parts/tolerant.ts'

const modalities = orNull(z.object({ input_modalities: words(16), output_modalities: words(16) }))

/** One item of GET /v1/models, with the more common fields beyond OpenAI's four. */
export const OpenAiModel = z.object({
  id: z.string().min(1).max(900),
  name: text(300),
  description: text(10_000),
  /** Unix seconds; many servers say now */
  created: amount,
  owned_by: text(200),
  /** tokens */
  context_length: amount,
  /** tokens: what vLLM was started with */
  max_model_len: amount,
  /** of an adapter: the model it belongs to */
  parent: text(900),
  root: text(4096),
  architecture: modalities,
  supported_parameters: words(100),
  aliases: words(100),
  tags: words(100),
  /** of llama-server */
  meta: orNull(
    z.object({
      n_ctx: amount,
      n_ctx_train: amount,
      n_embd: amount,
      n_vocab: amount,
      n_params: amount,
      /** bytes */
      size: amount,
      ftype: text(64),
    }),
  ),
})
export type OpenAiModel = z.infer<typeof OpenAiModel>

/** So many items are judged in about two milliseconds. */
const slice = 100

/** A bare list too, as some gateways answer; null where a server has none, as Ollama's says it. */
const List = z.preprocess(
  (value) => (Array.isArray(value) ? { object: 'list', data: value } : value),
  z
    .object({ object: text(64), data: z.array(z.unknown()).max(200_000).nullable() })
    .refine(({ object, data }) => data !== null || object === 'list', { path: ['data'], error: 'expected a list' })
    .transform(({ data }) => data ?? []),
)

/**
 * The list at `path`, each item by `schema`, which a kind may extend. An item without a name is left out; a list of nothing
 * else is not such a list. Of equal names the first counts.
 */
export const listModelsAs = async <T extends { readonly id: string }>(
  http: HttpClient,
  path: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<readonly T[]> => {
  const items = await http.json({ path }, List, signal)
  const models = new Map<string, T>()
  let problem: z.ZodError | null = null
  for (const [at, item] of items.entries()) {
    if (at % slice === slice - 1) await nextTurn() // ten thousand of them hold up nobody
    const { data, error } = schema.safeParse(item)
    if (error) problem ??= error
    else if (!models.has(data.id)) models.set(data.id, data)
  }
  if (models.size === 0 && problem)
    throw new AppError('PROVIDER_BAD_ANSWER', `The server sent a list of models without names at ${path}.`, {
      cause: problem,
    })
  return [...models.values()]
}

export const listOpenAiModels = (
  http: HttpClient,
  path: string,
  signal: AbortSignal,
): Promise<readonly OpenAiModel[]> => listModelsAs(http, path, OpenAiModel, signal)
