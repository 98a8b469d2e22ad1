import { AppError } from '../../lib/appError.ts'
import type { OpenAiChat } from './openAiChat.ts'

/** Where servers that all call themselves compatible differ; learned from what they refuse. */
export interface Dialect {
  /** OpenAI's newer models take only the new name of `max_tokens`, which most other servers do not know */
  readonly newTokenLimit: boolean
  /** some refuse fields that they do not know; the usage is then not told */
  readonly streamOptions: boolean
}
export const commonDialect: Dialect = { newTokenLimit: false, streamOptions: true }

/** The dialect to try next after a refusal that names the field; null: the refusal is about something else. */
export const learn = (error: unknown, dialect: Dialect): Dialect | null => {
  if (!(error instanceof AppError) || error.code !== 'PROVIDER_ERROR') return null
  if (error.details?.status !== 400 && error.details?.status !== 422) return null
  if (!dialect.newTokenLimit && error.message.includes('max_completion_tokens'))
    return { ...dialect, newTokenLimit: true }
  if (dialect.streamOptions && error.message.includes('stream_options')) return { ...dialect, streamOptions: false }
  return null
}

/** The fields of the body that it changes. */
export const spokenIn = ({ newTokenLimit, streamOptions }: Dialect, { maxTokens }: OpenAiChat['request']) => ({
  ...(newTokenLimit && { max_tokens: undefined, max_completion_tokens: maxTokens }),
  ...(!streamOptions && { stream_options: undefined }),
})
