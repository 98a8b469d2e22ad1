import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { oneLine } from '../../lib/httpFaults.ts'
import { openAiFault, readOpenAiError } from '../openai/openAiFault.ts'

const creditAdvice =
  'Add credit at openrouter.ai, or raise the limit of this key; free models need a balance that is not negative.'
const policyAdvice =
  'The privacy settings at openrouter.ai may leave out every provider of this model; or its id changed.'
const freeWords =
  'Free models take 20 requests a minute, and 50 a day, or 1,000 once 10 credits were bought: all keys of an account together, by UTC day.'

/**
 * What OpenRouter's errors mean. Its `metadata` tells more than the sentence: who behind it failed, why something was held
 * back. What was held back is left out: it is what a person wrote. `now`: Unix milliseconds.
 */
export const openRouterFault =
  (name: string, now: () => number): ToFault =>
  (httpStatus, text, more) => {
    const standard = openAiFault(name)(httpStatus, text, more)
    const error = readOpenAiError(httpStatus, more.answer)
    const metadata = metadataOf(more.answer)
    const upstream = textOf(metadata.provider_name)
    const status = error.status ?? httpStatus
    const said = error.message ?? 'no reason given'
    const fault = (code: AppError['code'], message: string, advice?: string, waitMs = more.wait) =>
      new AppError(code, message, {
        ...(advice !== undefined && { advice }),
        details: { status, providerMessage: said, ...(waitMs !== null && { waitMs }) },
      })

    if (status === 402) return fault('PROVIDER_NO_CREDIT', standard.message, creditAdvice)
    if (status === 429) {
      const whose = upstream ? `${upstream}, which runs this model for ${name},` : name
      const waitMs = more.wait ?? resetWait(metadata.headers, now())
      return fault('PROVIDER_RATE_LIMITED', `${whose} takes no more requests for now: ${said}`, undefined, waitMs)
    }
    if (status === 403 && Array.isArray(metadata.reasons)) {
      const reasons = metadata.reasons.flatMap((reason) => textOf(reason) ?? []).slice(0, 20)
      const words = `${upstream ?? name} did not let this pass: ${reasons.join(', ') || said}`
      return fault('PROVIDER_ERROR', words, 'Say it in other words, or use a model that is not moderated.')
    }
    if ((status === 400 || status === 404) && /not a valid model|no endpoints found for/i.test(said))
      return fault('MODEL_NOT_FOUND', `${name}: ${said}`, 'List the models and use a name from there.')
    if (status === 404) return fault('PROVIDER_ERROR', `${name} reports an error (404): ${said}`, policyAdvice)
    if (upstream && standard.code === 'PROVIDER_ERROR') {
      const raw = textOf(metadata.raw)
      const words = `${upstream}, which runs this model for ${name}, failed (${status}): ${said}${raw ? ` (${raw})` : ''}`
      return fault('PROVIDER_ERROR', words, 'Try again: another of its providers may answer. Or use another model.')
    }
    return standard
  }

/** A limit of a free model, with what these limits are. */
export const explainFreeLimit = (error: unknown): unknown =>
  error instanceof AppError && error.code === 'PROVIDER_RATE_LIMITED'
    ? new AppError(error.code, `${error.message} ${freeWords}`, {
        advice: error.advice,
        cause: error,
        ...(error.details && { details: error.details }),
      })
    : error

const metadataOf = (answer: unknown): Readonly<Record<string, unknown>> => {
  const error = isObject(answer) ? answer.error : null
  return isObject(error) && isObject(error.metadata) ? error.metadata : {}
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? oneLine(value, 200) : null

/** X-RateLimit-Reset: when, in Unix milliseconds, as text. */
const resetWait = (headers: unknown, now: number): number | null => {
  if (!isObject(headers)) return null
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === 'x-ratelimit-reset') ?? []
  const at = Number(typeof value === 'string' || typeof value === 'number' ? value : Number.NaN)
  return Number.isFinite(at) && at > 0 ? Math.max(0, at - now) : null
}
