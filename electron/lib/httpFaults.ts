import { errors } from 'undici'
import { AppError, errnoOf, messageOf } from './appError.ts'

/** Whom we talk to, for sentences: `Ollama` at `http://127.0.0.1:11434`. */
export type HttpPeer = { readonly name: string; readonly origin: string }

/** Before the first byte of the answer, or in it: the same socket error means different things. */
export type HttpPhase = 'asking' | 'reading'

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be resolved',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to this network',
  EADDRNOTAVAIL: 'the address cannot be used from this machine',
  EACCES: 'the system does not allow the connection',
  EPERM: 'the system does not allow the connection',
  ECONNRESET: 'it closed the connection without an answer',
  EPIPE: 'it closed the connection without an answer',
  UND_ERR_SOCKET: 'it closed the connection without an answer',
  ERR_INVALID_URL: 'this is not an http or https address',
  UND_ERR_INVALID_ARG: 'this is not an http or https address',
}
const cut = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])
const timeouts: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'did not accept the connection in time',
  ETIMEDOUT: 'did not accept the connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'accepted the request and then did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'stopped in the middle of its answer',
}
/** OpenSSL's and Node's names for a handshake or a certificate that failed. */
const tls = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/
/** Of the `reason` that a fault has in its details. */
export const isTlsFault = (reason: string): boolean => tls.test(reason)

/** What a failed exchange means, in words. Cancelling and deadlines are told by the caller, who owns the signals. */
export const toHttpFault = (error: unknown, peer: HttpPeer, phase: HttpPhase): AppError => {
  if (error instanceof AppError) return error
  const code = errnoOf(error) ?? ''
  const at = `${peer.name} at ${peer.origin}`
  const fault = (kind: 'PROVIDER_UNREACHABLE' | 'PROVIDER_TIMEOUT' | 'PROVIDER_BAD_ANSWER', words: string) =>
    new AppError(kind, words, { cause: error, details: { address: peer.origin, reason: code || null } })

  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED')
    return new AppError('CANCELLED', `The connection to ${peer.name} was closed by Berth.`, { cause: error })
  if (timeouts[code] !== undefined) return fault('PROVIDER_TIMEOUT', `${at} ${timeouts[code]}.`)
  if (isTlsFault(code)) return fault('PROVIDER_UNREACHABLE', `No secure connection to ${at}: ${messageOf(error)}.`)
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return fault('PROVIDER_BAD_ANSWER', `${at} sent too many header bytes.`)
  if (error instanceof errors.HTTPParserError) return fault('PROVIDER_BAD_ANSWER', `${at} does not speak HTTP.`)
  if (phase === 'reading' && cut.has(code))
    return fault('PROVIDER_BAD_ANSWER', `${at} broke off in the middle of its answer.`)
  return fault('PROVIDER_UNREACHABLE', `No connection to ${at}: ${unreachable[code] ?? messageOf(error)}.`)
}

/** The first `max` characters of a foreign text as one line without control characters. */
export const oneLine = (text: string, max = 500): string => {
  const clean = text
    .slice(0, max * 4)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
  return clean.length > max ? `${clean.slice(0, max)}…` : clean
}

/**
 * The sentence of an answer that is an error: `{error: "text"}`, `{error: {message}}`, or the first again as JSON inside
 * that text. Null when it is none.
 */
export const errorTextOf = (answer: unknown): string | null => {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return null
  const { error } = answer
  if (error === null || error === undefined || error === '') return null
  if (typeof error === 'string') return oneLine(nestedErrorText(error) ?? error)
  if (typeof error === 'object' && 'message' in error && typeof error.message === 'string')
    return oneLine(error.message)
  return oneLine(JSON.stringify(error))
}

const nestedErrorText = (text: string): string | null => {
  if (!text.startsWith('{')) return null
  try {
    const inner: unknown = JSON.parse(text)
    const error = typeof inner === 'object' && inner !== null && 'error' in inner ? inner.error : null
    return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
      ? error.message
      : null
  } catch {
    return null // a text that only begins like JSON is shown as it is
  }
}

/** What Retry-After says, in milliseconds from `now`: seconds, or a date (RFC 9110, 10.2.3). Null when it says nothing usable. */
export const retryAfterMs = (header: string | readonly string[] | undefined, now: number): number | null => {
  const text = typeof header === 'string' ? header.trim() : ''
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return Number(text) * 1000
  // Date.parse takes `-5` and `in 3 hours` for dates too, years ago
  const date = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
