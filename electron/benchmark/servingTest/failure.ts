import type { ErrorCode } from '../../../shared/contract/errors.ts'
import { errnoOf, messageOf } from '../../lib/appError.ts'
import { errorTextOf, oneLine, toHttpFault } from '../../lib/httpFaults.ts'
import { BadAnswer } from './eventReader.ts'

/** Why a request failed: a code of ours, and words for a person that may hold what the server said. */
export interface Failure {
  readonly code: ErrorCode
  readonly words: string
}

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'PROVIDER_KEY_REJECTED',
  402: 'PROVIDER_NO_CREDIT',
  403: 'PROVIDER_KEY_REJECTED',
  404: 'MODEL_NOT_FOUND',
  429: 'PROVIDER_RATE_LIMITED',
  501: 'VERB_NOT_SUPPORTED',
  503: 'PROVIDER_BUSY',
  529: 'PROVIDER_BUSY',
}
/** In an error whose stream has begun with 200, a name may stand for the status. */
const names: readonly (readonly [RegExp, number])[] = [
  [/insufficient_quota/, 402],
  [/rate_?limit/i, 429],
  [/overloaded|unavailable/, 503],
  [/authentication/, 401],
]

/** An answer with a status that is not 2xx; `text` is the beginning of its body. */
export const failureOfStatus = (status: number, text: string): Failure => {
  if (status < 400) return { code: 'PROVIDER_BAD_ANSWER', words: `It answers with ${status}, which is not followed.` }
  return { code: codes[status] ?? 'PROVIDER_ERROR', words: `${status}: ${textOf(text)}` }
}

const textOf = (text: string): string => {
  if (/^\s*</.test(text)) return 'a page for people'
  try {
    return errorTextOf(JSON.parse(text)) ?? oneLine(text, 200)
  } catch {
    return oneLine(text, 200) || 'no reason given' // plain text is an error text too
  }
}

/** An error object in the middle of a stream. */
export const failureOfEvent = (error: Readonly<Record<string, unknown>>): Failure => {
  const { code, status, type } = error
  const number = [code, status].map(Number).find((value) => Number.isInteger(value) && value >= 400 && value < 600)
  const named = names.find(([pattern]) => pattern.test(`${code} ${type}`))?.[1]
  const words = errorTextOf({ error }) ?? 'no reason given'
  return { code: codes[number ?? named ?? 500] ?? 'PROVIDER_ERROR', words: oneLine(words, 200) }
}

/** Anything that node:http, or a reader of ours, ended a request with. `begun`: an answer had begun. */
export const failureOfFault = (error: unknown, origin: string, begun: boolean): Failure => {
  if (error instanceof BadAnswer) return { code: 'PROVIDER_BAD_ANSWER', words: error.message }
  if (errnoOf(error)?.startsWith('HPE_')) return { code: 'PROVIDER_BAD_ANSWER', words: oneLine(messageOf(error), 200) }
  const fault = toHttpFault(error, { name: 'The server', origin }, begun ? 'reading' : 'asking')
  return { code: fault.code, words: oneLine(fault.message, 200) }
}

export const timedOut = (limitMs: number): Failure => ({
  code: 'PROVIDER_TIMEOUT',
  words: `It took longer than ${limitMs / 1000} s.`,
})
