import { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import type { HttpCall, HttpClient } from '../../lib/httpClient.ts'
import { comparable } from './ollamaNames.ts'
import { type Running, RunningList, Show, type Tag, Tags } from './ollamaSchemas.ts'

/** The calls that several verbs need. */
export const createOllamaApi = (http: HttpClient) => {
  const tags = async (signal: AbortSignal): Promise<readonly Tag[]> =>
    (await http.json({ path: '/api/tags' }, Tags, signal)).models ?? []

  /** @param answerMs until the answer must be there; else that of every call */
  const post = <T>(path: string, body: object, schema: z.ZodType<T>, signal: AbortSignal, answerMs?: number) =>
    http.json({ path, body, ...(answerMs !== undefined && { limits: { answerMs } }) }, schema, signal)

  /** As it is listed, whatever the spelling; null when it is not. */
  const listed = async (key: string, signal: AbortSignal): Promise<Tag | null> => {
    const name = comparable(key)
    return (await tags(signal)).find((tag) => comparable(tag.name) === name) ?? null
  }

  return {
    http,
    tags,
    running: async (signal: AbortSignal): Promise<readonly Running[]> =>
      (await http.json({ path: '/api/ps' }, RunningList, signal)).models ?? [],
    show: (key: string, signal: AbortSignal, answerMs?: number): Promise<Show> =>
      post('/api/show', { model: key }, Show, signal, answerMs),
    post,
    /** For what is answered with an empty body. */
    order: async (call: HttpCall, signal: AbortSignal): Promise<void> => {
      const { text } = await http.whole(call, signal)
      if (text.trim() !== '') http.parseData(text, z.unknown()) // an error under a good status, or no answer of Ollama
    },
    listed,
    /** The name under which a model is listed that was just made. Ollama leaves out one whose files it cannot read. */
    nameOfNew: async (key: string, signal: AbortSignal): Promise<string> => {
      const tag = await listed(key, signal)
      if (tag !== null) return tag.name
      throw new AppError('PROVIDER_ERROR', `Ollama says that it finished, but it does not list ${key}.`, {
        advice: `One of its files is damaged, maybe by an earlier try: ollama rm ${key}, and then do it again.`,
        details: { status: 200 },
      })
    },
  }
}
export type OllamaApi = ReturnType<typeof createOllamaApi>
