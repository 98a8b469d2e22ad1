import { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import { type LlamaServerClient, withModel } from './llamaServerClient.ts'
import type { ModelEntry, Props } from './llamaServerSchemas.ts'

/** What a running process answers. `reason`: why it answers neither a chat nor an embedding. */
export interface Ability {
  readonly role: 'llm' | 'embedding' | 'reranker'
  readonly chats: boolean
  readonly embeds: boolean
  readonly reason: string | null
}

export interface AbilityQuestion {
  readonly props: Props
  readonly entry: ModelEntry
  /** a router has to be told whose process it is */
  readonly routed: boolean
  /** when it may have to wake first */
  readonly answerMs?: number
}

/** llama.cpp's number for WordPiece, the vocabulary of BERT and its kin, which cannot write. */
const wordPiece = 3

/**
 * Nothing that llama-server lists tells what it was started for, and a chat with a text model that was started with
 * `--embeddings` and no pooling ends its process. So it is asked before: an embedding of nothing is refused with 501 where
 * embeddings are off, and with 400 where they are on, and computes nothing. It would wake a sleeping process; the caller
 * looks for that first. The answer is kept as long as the process lives.
 */
export const createAbilities = (client: LlamaServerClient) => {
  const known = new Map<string, { readonly process: string; readonly ability: Ability }>()

  const probe = async (path: string, key: string, { routed, answerMs }: AbilityQuestion, signal: AbortSignal) => {
    const call = {
      path: routed ? withModel(path, key) : path,
      body: { model: key },
      ...(answerMs !== undefined && { limits: { answerMs } }),
    }
    try {
      await client.http.json(call, z.unknown(), signal)
      return 'on'
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'VERB_NOT_SUPPORTED') return 'off'
      if (error.code !== 'PROVIDER_ERROR') throw error
      const status = error.details?.status
      if (status === 404) return 'off'
      if (status !== 400) throw error
      return /pooling type/i.test(String(error.details?.providerMessage)) ? 'unpooled' : 'on'
    }
  }

  const ask = async (key: string, about: AbilityQuestion, signal: AbortSignal): Promise<Ability> => {
    const embeddings = await probe('/v1/embeddings', key, about, signal)
    if (embeddings === 'unpooled') return ability('embedding', unpooled)
    if (embeddings === 'off') {
      return about.entry.meta?.vocab_type === wordPiece
        ? ability('embedding', notForEmbeddings)
        : { ...ability('llm', null), chats: true }
    }
    if ((await probe('/v1/rerank', key, about, signal)) === 'on') return ability('reranker', null)
    return { ...ability('embedding', null), embeds: true }
  }

  return {
    /** Of a process that is awake: asks it when it is a new one. */
    of: async (key: string, about: AbilityQuestion, signal: AbortSignal): Promise<Ability> => {
      const process = processOf(about.props)
      const before = known.get(key)
      if (process !== null && before?.process === process) return before.ability
      const found = await ask(key, about, signal)
      if (process !== null) known.set(key, { process, ability: found })
      return found
    },
    /** Without asking: null when this process was never asked. */
    recall: (key: string, props: Props): Ability | null => {
      const before = known.get(key)
      return before !== undefined && before.process === processOf(props) ? before.ability : null
    },
    /** Keeps only what is known of these. */
    retain: (keys: ReadonlySet<string>): void => {
      for (const key of known.keys()) if (!keys.has(key)) known.delete(key)
    },
  }
}
export type Abilities = ReturnType<typeof createAbilities>

const unpooled =
  'It was started with --embeddings and without pooling: a chat would end its process, and it gives no single vector for a text. Start it with --pooling mean, or without --embeddings.'
const notForEmbeddings = 'An embedding model: start llama-server with --embeddings to use it.'

/** Why a process of this role does not answer that. */
export const refusals: Readonly<Record<'chats' | 'embeds', (role: Ability['role']) => string>> = {
  chats: (role) =>
    `llama-server runs this model for ${role === 'reranker' ? 'reranking' : 'embeddings'}, so it does not chat.`,
  embeds: (role) =>
    role === 'reranker'
      ? 'llama-server runs this model for reranking, so it gives no embeddings.'
      : 'llama-server gives embeddings only of a model that it was started with --embeddings for.',
}

const ability = (role: Ability['role'], reason: string | null): Ability => ({
  role,
  chats: false,
  embeds: false,
  reason,
})

/** Null for builds that do not tell one start from the next: those are asked each time. */
const processOf = ({ media_marker, model_path }: Props): string | null =>
  media_marker === null ? null : `${media_marker} ${model_path}`
