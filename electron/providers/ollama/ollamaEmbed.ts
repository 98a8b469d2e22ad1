import { AppError } from '../../lib/appError.ts'
import type { Provider } from '../provider.ts'
import type { OllamaApi } from './ollamaApi.ts'
import type { RunnerRequest } from './ollamaInstance.ts'
import { Embeddings } from './ollamaSchemas.ts'

/** Texts in one request, so that an answer stays within what we take, and a cancel is heard soon. */
const textsAtOnce = 100

/**
 * Vectors of /api/embed, one for each text. A text above the context is an error; by default its end would be dropped.
 * @param answerMs of one request
 */
export const embedWithOllama = async (
  api: OllamaApi,
  { key, input, runner }: { readonly key: string; readonly input: readonly string[]; readonly runner: RunnerRequest },
  answerMs: number,
  signal: AbortSignal,
): ReturnType<NonNullable<Provider['embed']>> => {
  const embeddings: number[][] = []
  let promptTokens: number | null = 0
  for (let from = 0; from < input.length; from += textsAtOnce) {
    const texts = input.slice(from, from + textsAtOnce)
    const body = { model: key, input: texts, truncate: false, ...runner }
    const answer = await api.post('/api/embed', body, Embeddings, signal, answerMs)
    if (answer.embeddings.length !== texts.length)
      throw badAnswer(`${answer.embeddings.length} vectors for ${texts.length} texts`)
    for (const vector of answer.embeddings) embeddings.push(vector)
    const counted = answer.prompt_eval_count
    promptTokens = promptTokens === null || counted === null ? null : promptTokens + counted
  }
  const length = embeddings[0]?.length
  if (embeddings.some((vector) => vector.length !== length)) throw badAnswer('vectors of different lengths')
  return { embeddings, promptTokens, costUsd: null }
}

const badAnswer = (what: string) => new AppError('PROVIDER_BAD_ANSWER', `Ollama answered ${what}.`)
