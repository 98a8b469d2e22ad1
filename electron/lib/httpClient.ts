import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'
import type { z } from 'zod'
import { AppError } from './appError.ts'
import { createAnswerReader, type ToFault, withoutText } from './httpAnswer.ts'
import { atMost, collect, decode } from './httpBody.ts'
import { type HttpPeer, type HttpPhase, oneLine, retryAfterMs, toHttpFault } from './httpFaults.ts'
import { splitLines } from './httpLines.ts'
import { createKeyRedaction } from './keyRedaction.ts'
import { readEvents, type ServerEvent } from './serverEvents.ts'

/** Everything that a server could do without end. */
export interface HttpLimits {
  readonly connectMs: number
  /** from the request to the last byte of a JSON answer */
  readonly answerMs: number
  /** from the request to the first byte of a stream, or to the last one of the error in its place; 0: none */
  readonly headersMs: number
  /** between two chunks of a stream */
  readonly idleMs: number
  readonly maxHeaderBytes: number
  /** of a JSON answer */
  readonly maxBodyBytes: number
  /** of a whole stream */
  readonly maxStreamBytes: number
  /** UTF-16 units */
  readonly maxLineLength: number
}

const defaultLimits: HttpLimits = {
  connectMs: 5_000,
  answerMs: 15_000,
  headersMs: 60_000,
  idleMs: 60_000,
  maxHeaderBytes: 16_384,
  maxBodyBytes: 32 * 2 ** 20,
  maxStreamBytes: 256 * 2 ** 20,
  maxLineLength: 2 ** 20,
}
/** So many lines of a stream are read in about two milliseconds. */
const slice = 250
export interface HttpClientOptions {
  /** as people know the server, for sentences */
  readonly name: string
  /** http or https, may have a path; a wrong one fails each call, not the creation */
  readonly baseUrl: string
  readonly headers?: Readonly<Record<string, string>>
  /**
   * sent as a bearer token to the origin of `baseUrl` and nowhere else; asked for with each call; taken out of what the
   * server says
   */
  readonly key?: (() => string | null) | undefined
  readonly limits?: Partial<HttpLimits> | undefined
  readonly toFault: ToFault
}

export interface HttpCall {
  readonly path: string
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** sent as JSON */
  readonly body?: unknown
  /** sent as it is, in place of `body` */
  readonly upload?: { readonly content: Readable; readonly sizeBytes: number }
  readonly limits?: Partial<Omit<HttpLimits, 'connectMs' | 'maxHeaderBytes'>>
}

/**
 * Calls to one server that we do not trust: bounded in time and size, redirects not followed, each answer parsed by a
 * schema, each failure an AppError (PROVIDER_*, CANCELLED, or what `toFault` says).
 */
export const createHttpClient = ({ name, baseUrl, headers, key, limits: own, toFault }: HttpClientOptions) => {
  const limits: HttpLimits = { ...defaultLimits, ...own }
  const peer: HttpPeer = { name, origin: originOf(baseUrl) }
  const agent = new Agent({
    connectTimeout: limits.connectMs,
    maxHeaderSize: limits.maxHeaderBytes,
    allowH2: false, // HTTP/2 has other limits and errors, and no local server needs it
  })
  const redaction = createKeyRedaction()
  const { badAnswer, readError, parse, errorInPlaceOfEvents } = createAnswerReader(peer, redaction, toFault)
  const cancelled = () => new AppError('CANCELLED', `The request to ${name} was cancelled.`)

  /** What a call is in HTTP. Its headers hold the key. */
  const toRequest = (call: HttpCall) => {
    const base = baseUrl.endsWith('/') ? baseUrl.slice(0, -1) : baseUrl
    const token = key?.() ?? null
    if (token !== null) redaction.sent(token)
    return {
      url: new URL(base + call.path),
      headers: {
        accept: 'application/json, text/event-stream;q=0.9, */*;q=0.1',
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...(call.upload && {
          'content-type': 'application/octet-stream',
          'content-length': String(call.upload.sizeBytes),
        }),
        ...headers,
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
    }
  }

  const send = async (call: HttpCall, limits: HttpLimits, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const { url, headers, body: json } = toRequest(call)
    const body = call.upload?.content ?? json
    const response = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: call.method ?? (body === null ? 'GET' : 'POST'),
      headers,
      body,
      signal,
      headersTimeout: limits.headersMs,
      bodyTimeout: limits.idleMs,
    })
    response.body.on('error', () => {}) // a body that we leave unread may still fail: nobody waits for it
    return response
  }

  /** Resolves with an answer that is not an error. */
  const open = async (call: HttpCall, limits: HttpLimits, signal: AbortSignal) => {
    const response = await send(call, limits, signal)
    const { statusCode: status, body } = response
    if (status >= 300 && status < 400) {
      body.destroy()
      const target = oneLine(redaction.fault(String(response.headers.location ?? 'nowhere')), 200)
      throw badAnswer(`answers with a redirect to ${target}, which is not followed.`)
    }
    const contentType = String(response.headers['content-type'] ?? '')
    if (status >= 400) {
      const { text, answer } = await readError(body, contentType)
      throw toFault(status, text, { answer, wait: retryAfterMs(response.headers['retry-after'], Date.now()) })
    }
    return { body, status, contentType }
  }

  /** One answer, whole. */
  const whole = async (call: HttpCall, signal: AbortSignal) => {
    const bounds = { ...limits, ...call.limits }
    const deadline = AbortSignal.timeout(bounds.answerMs)
    let phase: HttpPhase = 'asking'
    try {
      signal.throwIfAborted()
      // one deadline stands for both of undici's time-outs, which are only exact to about a second
      const untimed = { ...bounds, headersMs: 0, idleMs: 0 }
      const { body, status, contentType } = await open(call, untimed, AbortSignal.any([signal, deadline]))
      phase = 'reading'
      const { bytes, whole } = await collect(body, bounds.maxBodyBytes)
      if (!whole) throw badAnswer(`sent more than ${bounds.maxBodyBytes} bytes for ${call.path}.`)
      return { text: redaction.answer(bytes.toString('utf8')), status, contentType }
    } catch (error) {
      if (signal.aborted) throw cancelled()
      if (deadline.aborted)
        throw new AppError(
          'PROVIDER_TIMEOUT',
          `${name} at ${peer.origin} did not finish its answer to ${call.path} within ${bounds.answerMs / 1000} s.`,
          { cause: error },
        )
      throw toHttpFault(withoutText(error), peer, phase)
    }
  }

  /** One JSON answer. */
  const json = async <T>(call: HttpCall, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> => {
    const { text, status } = await whole(call, signal)
    return parse(text, schema, status)
  }

  /** Text as it comes, by line or by piece; ending the loop closes the connection. */
  async function* texts(call: HttpCall, by: 'line' | 'piece', signal: AbortSignal) {
    const bounds = { ...limits, ...call.limits }
    // undici's own time-out begins anew with each 1xx, and does not hold for the text of an error
    const late = new AbortController()
    const timer = bounds.headersMs > 0 ? setTimeout(() => late.abort(), bounds.headersMs) : undefined
    let phase: HttpPhase = 'asking'
    let count = 0
    try {
      signal.throwIfAborted()
      const untimed = { ...bounds, headersMs: 0 }
      const { body, status } = await open(call, untimed, AbortSignal.any([signal, late.signal]))
      clearTimeout(timer)
      phase = 'reading'
      const bounded = atMost(body, bounds.maxStreamBytes, () =>
        badAnswer(`streamed more than ${bounds.maxStreamBytes} bytes.`),
      )
      const tooLong = () => badAnswer(`sent a line of more than ${bounds.maxLineLength} characters.`)
      const split =
        by === 'line' ? splitLines(bounded, bounds.maxLineLength, tooLong) : redaction.pieces(decode(bounded))
      for await (const text of split) {
        if (++count % slice === 0) await nextTurn() // a chunk of short lines holds up nobody
        yield { text: redaction.answer(text), status }
      }
    } catch (error) {
      if (signal.aborted) throw cancelled()
      if (late.signal.aborted)
        throw new AppError(
          'PROVIDER_TIMEOUT',
          `${name} at ${peer.origin} accepted the request and then did not answer in time.`,
          { cause: error },
        )
      throw toHttpFault(withoutText(error), peer, phase)
    } finally {
      clearTimeout(timer)
    }
  }

  /** The lines of a stream as they come, blank ones too. */
  const lines = (call: HttpCall, signal: AbortSignal) => texts(call, 'line', signal)
  /** An answer that is too long to be parsed at once, in the pieces that the network makes of it. */
  const pieces = (call: HttpCall, signal: AbortSignal) => texts(call, 'piece', signal)

  /** A stream of one JSON object per line. A line that is an error ends it with that error. */
  async function* ndjson<T>(call: HttpCall, schema: z.ZodType<T>, signal: AbortSignal): AsyncGenerator<T> {
    for await (const { text, status } of lines(call, signal)) if (text.trim() !== '') yield parse(text, schema, status)
  }

  /**
   * Server-sent events as they come, their data unparsed: `parseData` does that. A server that answers one JSON error object in
   * place of events ends the loop with that error.
   */
  async function* events(call: HttpCall, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    let begun = false
    async function* eventLines() {
      for await (const { text, status } of lines(call, signal)) {
        if (!begun && text.startsWith('{')) throw toFault(status, ...errorInPlaceOfEvents(text))
        begun = true
        yield text
      }
    }
    const tooLong = () => badAnswer(`sent an event of more than ${limits.maxLineLength} characters.`)
    yield* readEvents(eventLines(), limits.maxLineLength, tooLong)
  }

  return {
    json,
    whole,
    lines,
    pieces,
    ndjson,
    events,
    /** The JSON of one event; an error object in it is thrown as the error it is. */
    parseData: <T>(text: string, schema: z.ZodType<T>): T => parse(text, schema, 200),
    /** What would be sent to post this body, for a client that times it by itself. The headers hold the key. */
    wire: (path: string, body: unknown): { url: string; headers: Record<string, string>; body: string } => {
      const request = toRequest({ path, body })
      return { url: request.url.href, headers: request.headers, body: request.body ?? '' }
    },
    close: () => agent.destroy(),
  }
}
export type HttpClient = ReturnType<typeof createHttpClient>

/** Without user name and password, which do not belong into a sentence. */
const originOf = (address: string): string => {
  const url = URL.parse(address)
  return url === null || url.origin === 'null' ? oneLine(address.replace(/[^/]*@/, ''), 200) : url.origin
}
