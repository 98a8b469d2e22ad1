import { eventIterator, type Schema } from '@orpc/contract'
import { z } from 'zod'
import { ModelId } from './modelId.ts'

export const ChatMessage = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().max(4_000_000),
})
export type ChatMessage = z.infer<typeof ChatMessage>
export const ChatRequest = z.strictObject({
  model: ModelId,
  messages: z
    .array(ChatMessage)
    .min(1)
    .max(1000)
    .meta({ examples: [[{ role: 'user', content: 'Say hello.' }]] }),
  maxTokens: z
    .int()
    .min(1)
    .max(1_000_000)
    .meta({ examples: [8] })
    .optional(),
  temperature: z.number().min(0).max(5).optional(),
  seed: z.int().min(0).max(4_294_967_295).optional(),
  stream: z.boolean().optional(),
})
export type ChatRequest = z.infer<typeof ChatRequest>

export const ChatSummary = z.object({
  model: ModelId,
  finishReason: z.enum(['stop', 'length', 'cancelled']),
  usage: z.object({ promptTokens: z.number().nullable(), completionTokens: z.number().nullable() }),
  timings: z.object({
    ttftMs: z.number().nullable(),
    promptTokensPerSecond: z.number().nullable(),
    tokensPerSecond: z.number().nullable(),
    totalMs: z.number(),
  }),
  /** US dollars that the provider charged for this answer; null where it never tells */
  costUsd: z.number().nullable(),
})
export type ChatSummary = z.infer<typeof ChatSummary>
export const ChatResult = ChatSummary.extend({
  message: z.object({ role: z.literal('assistant'), content: z.string() }),
})
export type ChatResult = z.infer<typeof ChatResult>
export const ChatChunk = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  /** what a model thinks before it answers, where its server keeps that apart */
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  ChatSummary.extend({ type: z.literal('done') }),
])
export type ChatChunk = z.infer<typeof ChatChunk>

/** A whole answer, or the chunks as they come; which of the two the request's `stream` decides. */
export type ChatAnswer = ChatResult | AsyncIteratorObject<ChatChunk, unknown, void>
const chunks = eventIterator(ChatChunk)
const isIterator = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
export const ChatAnswer: Schema<ChatAnswer, ChatAnswer> = {
  '~standard': {
    version: 1,
    vendor: 'berth',
    validate: (value) => (isIterator(value) ? chunks : ChatResult)['~standard'].validate(value),
  },
}

export const EmbedRequest = z.strictObject({
  model: ModelId,
  input: z
    .array(z.string().min(1).max(1_000_000))
    .min(1)
    .max(1000)
    .meta({ examples: [['A cat sleeps.']] }),
})
export type EmbedRequest = z.infer<typeof EmbedRequest>

export const EmbedResult = z.object({
  model: ModelId,
  /** one vector for each text, all of one length */
  embeddings: z.array(z.array(z.number())),
  promptTokens: z.number().nullable(),
  totalMs: z.number(),
  costUsd: z.number().nullable(),
})
export type EmbedResult = z.infer<typeof EmbedResult>
