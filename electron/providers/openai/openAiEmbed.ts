import { z } from 'zod'
import type { EmbedResult } from '../../../shared/contract/answers.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { amount, orNull } from '../parts/tolerant.ts'

/** Reading many texts may take minutes. */
const defaultAnswerMs = 10 * 60_000
/** A thousand vectors of 4,096 numbers as text, and some. */
const maxBodyBytes = 128 * 2 ** 20
const maxLength = 65_536

/** Little-endian float32 in base64, or numbers. */
const Vector = z.custom<string | readonly number[]>(
  (value) =>
    typeof value === 'string' ||
    (Array.isArray(value) &&
      value.length <= maxLength &&
      value.every((number) => typeof number === 'number' && Number.isFinite(number))),
  { error: 'expected a list of numbers, or base64' },
)
const Answer = z.object({
  data: z.array(z.object({ index: orNull(z.int().nonnegative()), embedding: Vector })).max(100_000),
  usage: orNull(z.object({ prompt_tokens: amount, total_tokens: amount, cost: amount })),
})

export interface OpenAiEmbed {
  readonly path: string
  readonly model: string
  readonly input: readonly string[]
  /** more fields of the body */
  readonly extra?: Readonly<Record<string, unknown>>
  /** from the request to the last byte */
  readonly answerMs?: number | undefined
}

/** One vector for each text, in their order, whatever order they come in. */
export const embedWithOpenAi = async (
  http: HttpClient,
  { path, model, input, extra, answerMs = defaultAnswerMs }: OpenAiEmbed,
  signal: AbortSignal,
): Promise<Omit<EmbedResult, 'model' | 'totalMs'>> => {
  const body = { model, input, encoding_format: 'float', ...extra }
  const call = { path, body, limits: { answerMs, maxBodyBytes } }
  const { data, usage } = await http.json(call, Answer, signal).catch((error: unknown) => {
    throw withoutRoute(error)
      ? new AppError('VERB_NOT_SUPPORTED', `The server has no ${path}.`, { cause: error })
      : error
  })
  const vectors = new Map(data.map(({ index, embedding }, at) => [index ?? at, toNumbers(embedding)]))
  const embeddings = input.map((_, at) => vectors.get(at) ?? [])
  const length = embeddings[0]?.length ?? 0
  if (data.length !== input.length || embeddings.some((each) => each.length === 0 || each.length !== length))
    throw new AppError(
      'PROVIDER_BAD_ANSWER',
      `The server was given ${input.length} texts and did not answer one vector for each, all of one length.`,
    )
  return {
    embeddings,
    promptTokens: usage?.prompt_tokens ?? usage?.total_tokens ?? null,
    costUsd: usage?.cost ?? null,
  }
}

/** What servers say of a path that they do not have; one that has it says more. */
const nothingThere =
  /^$|^(404 page )?(file )?not found\.?$|^method not allowed$|^cannot post|unknown (route|endpoint|path)/i

const withoutRoute = (error: unknown): boolean =>
  error instanceof AppError &&
  error.code === 'PROVIDER_ERROR' &&
  (error.details?.status === 404 || error.details?.status === 405) &&
  nothingThere.test(String(error.details.providerMessage ?? ''))

/** What is not whole or not finite is no vector: an empty list. */
const toNumbers = (embedding: string | readonly number[]): number[] => {
  if (typeof embedding !== 'string') return [...embedding]
  const bytes = Buffer.from(embedding, 'base64')
  if (bytes.length % 4 !== 0 || bytes.length / 4 > maxLength) return []
  const numbers = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
  return numbers.every(Number.isFinite) ? numbers : []
}
