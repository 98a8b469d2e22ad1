import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { oneLine } from '../../lib/httpFaults.ts'
import { outOfMemory } from '../parts/faults.ts'

const modelMissing =
  /model_not_found|\bmodels?\b.{0,300}\b(not found|does not exist|doesn't exist|not exist)\b|\b(no|unknown|invalid|no such|no router for requested) model\b/is
const keyProblem = /api.?key|token|unauthori|authenticat|credential|bearer/i
/** What may be a key, also a shortened one, as servers repeat it in their sentences. */
const secrets = /\b(bearer\s+)?(sk|pk|hf|gsk|key|lm)[-_][\w*.:-]{6,}|\bbearer\s+\S+/gi

/** Names that stand in an error where its stream has begun with 200; by gateways.md A5 and vLLM's classes. */
const statusOfType: Readonly<Record<string, number>> = {
  authentication_error: 401,
  permission_error: 403,
  insufficient_quota: 402,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  invalid_request_error: 400,
  BadRequestError: 400,
  not_found_error: 404,
  NotFoundError: 404,
  model_not_found: 404,
  not_supported_error: 501,
  unavailable_error: 503,
  overloaded_error: 503,
  server_error: 500,
  api_error: 500,
  InternalServerError: 500,
}

/** What an OpenAI-style error says, in any of its forms; unknown is null. */
export interface OpenAiError {
  readonly message: string | null
  readonly type: string | null
  readonly code: string | null
  /** of HTTP, or where that was a good one, what the error itself says; null: nothing told it */
  readonly status: number | null
}

/** `{error: {…}}`, `{error: "text"}`, the flat `{object: "error", message}` of older vLLM, `{detail}` of FastAPI. */
export const readOpenAiError = (status: number, answer: unknown): OpenAiError => {
  const whole = asRecord(answer)
  const error = asRecord(whole?.error) ?? whole ?? {}
  const { message, detail } = error
  const words = [message, detail, whole?.error].find((value) => typeof value === 'string' && value !== '')
  const name = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, 100) : null)
  const type = name(error.type)
  const code = name(error.code)
  const numbers = [error.code, error.status, Number(code ?? Number.NaN)]
  const said = numbers.find((value) => Number.isInteger(value) && Number(value) >= 400 && Number(value) < 600)
  return {
    message: typeof words === 'string' ? withoutSecrets(oneLine(words)) : null,
    type,
    code,
    status: status >= 400 ? status : typeof said === 'number' ? said : (statusOf(code) ?? statusOf(type)),
  }
}

/**
 * What the error of any OpenAI-style server means. A kind that knows better looks first and falls back to this. What a
 * server says about a key is left out of the sentence: it may repeat it.
 */
export const openAiFault =
  (name: string): ToFault =>
  (httpStatus, text, { answer, wait }) => {
    const error = readOpenAiError(httpStatus, answer)
    const status = error.status ?? httpStatus
    const said = error.message ?? withoutSecrets(text)
    const words = said || 'no reason given'
    const about = `${error.code} ${error.type} ${said}`
    const details = { status, providerMessage: said, ...(wait !== null && { waitMs: wait }) }
    const fault = (code: ConstructorParameters<typeof AppError>[0], message: string, advice?: string) =>
      new AppError(code, message, { details, ...(advice !== undefined && { advice }) })

    if (status === 401 || (status === 403 && keyProblem.test(about)))
      return new AppError('PROVIDER_KEY_REJECTED', `${name} does not accept the key, or needs one (${status}).`, {
        details: { status },
      })
    if (status === 402 || about.includes('insufficient_quota'))
      return fault('PROVIDER_NO_CREDIT', `The account at ${name} has not enough credit: ${words}`)
    if (status === 429) return fault('PROVIDER_RATE_LIMITED', `${name} takes no more requests for now: ${words}`)
    if (outOfMemory.test(said)) return fault('OUT_OF_MEMORY', `${name} has not enough memory for this: ${words}`)
    if ((status === 400 || status === 404) && modelMissing.test(about))
      return fault('MODEL_NOT_FOUND', `${name}: ${words}`, 'List the models and use a name from there.')
    if (status === 501) return fault('VERB_NOT_SUPPORTED', `${name} cannot do this: ${words}`)
    if (status === 503 || status === 529) return fault('PROVIDER_BUSY', `${name} is busy: ${words}`)
    if (asRecord(answer)?.choices !== undefined)
      return fault('PROVIDER_BAD_ANSWER', `${name} sent its whole answer at once, where a stream was asked for.`)
    return fault('PROVIDER_ERROR', `${name} reports an error (${status}): ${words}`)
  }

/**
 * For `status()`: an answer that is no OpenAI-style list, or no such address at all, is another kind of server. Other
 * faults stay what they are.
 */
export const asWrongKind = (error: unknown, name: string, address: string): unknown => {
  if (!(error instanceof AppError)) return error
  const status = error.details?.status
  const noSuchRoute = error.code === 'PROVIDER_ERROR' && (status === 404 || status === 405 || status === 400)
  const otherAnswer =
    (error.code === 'PROVIDER_BAD_ANSWER' &&
      error.cause instanceof Error &&
      /^(SyntaxError|\$?ZodError|HTTPParserError)$/.test(error.cause.name)) ||
    error.code === 'VERB_NOT_SUPPORTED' ||
    error.code === 'MODEL_NOT_FOUND'
  if (!noSuchRoute && !otherAnswer) return error
  return new AppError('PROVIDER_WRONG_KIND', `What answers at ${address} is not ${name}: ${error.message}`, {
    cause: error,
    ...(error.details && { details: error.details }),
  })
}

const statusOf = (name: string | null): number | null =>
  name !== null && Object.hasOwn(statusOfType, name) ? (statusOfType[name] ?? null) : null

export const withoutSecrets = (text: string): string => text.replace(secrets, '…')

const asRecord = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>) // an object of JSON: its keys are strings
    : null
