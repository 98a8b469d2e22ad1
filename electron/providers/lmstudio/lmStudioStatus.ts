import type { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { asWrongKind } from '../openai/openAiFault.ts'
import { Greeting, ModelList } from './lmStudioSchemas.ts'

export interface StatusQuestion {
  readonly http: HttpClient
  readonly address: string
  /** null where the socket does not tell */
  readonly version: () => Promise<string | null>
}

/** LM Studio greets; one of 0.4 or newer has a list of models too, where older ones answer 200 and an error. */
export const statusOfLmStudio = async ({ http, address, version }: StatusQuestion, signal: AbortSignal) => {
  const startedAt = performance.now()
  const ask = <T>(path: string, schema: z.ZodType<T>) => http.json({ path }, schema, signal)
  await ask('/lmstudio-greeting', Greeting).catch((error: unknown) => {
    throw asWrongKind(error, 'LM Studio', address)
  })
  const latencyMs = performance.now() - startedAt
  await ask('/api/v1/models', ModelList).catch((error: unknown) => {
    throw isWrongKind(asWrongKind(error, 'LM Studio', address)) ? tooOld(error) : error
  })
  return { version: await version(), latencyMs }
}

const isWrongKind = (error: unknown) => error instanceof AppError && error.code === 'PROVIDER_WRONG_KIND'

const tooOld = (cause: unknown) =>
  new AppError('PROVIDER_TOO_OLD', 'This LM Studio has no list of models as 0.4 and newer have it.', {
    advice: 'Update LM Studio to 0.4 or newer.',
    cause,
  })
