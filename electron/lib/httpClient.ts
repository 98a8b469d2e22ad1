import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Agent, type Dispatcher, errors } from 'undici'
import { z } from 'zod'
import { AppError } from './appError.ts'
import { errorTextOf, type HttpPeer, type HttpPhase, oneLine, retryAfterMs, toHttpFault } from './httpFaults.ts'
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
/** Of an answer that is an error only its beginning is read. */
const maxErrorBytes = 65_536

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

/**
 * What the server's own error means. `text` is '' when it said nothing, `answer` is its JSON (undefined when it is none), `wait`
 * what its Retry-After says in milliseconds. An error inside a good status comes with that status.
 */
export type ToFault = (
  status: number,
  text: string,
  more: { readonly answer: unknown; readonly wait: number | null },
) => AppError

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
  const badAnswer = (words: string, cause?: unknown) =>
    new AppError('PROVIDER_BAD_ANSWER', `${name} at ${peer.origin} ${words}`, { cause })
  const redaction = createKeyRedaction()
  const cancelled = () => new AppError('CANCELLED', `The request to ${name} was cancelled.`)

  const send = async (call: HttpCall, limits: HttpLimits, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const base = baseUrl.endsWith('/') ? baseUrl.slice(0, -1) : baseUrl
    const url = new URL(base + call.path)
    const body = call.upload?.content ?? (call.body === undefined ? null : JSON.stringify(call.body))
    const token = key?.() ?? null
    if (token !== null) redaction.sent(token)
    const response = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: call.method ?? (body === null ? 'GET' : 'POST'),
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

  const readError = async (body: AsyncIterable<Uint8Array>, contentType: string) => {
    const text = redaction.fault((await collect(body, maxErrorBytes)).bytes.toString('utf8'))
    if (contentType.includes('html') || /^\s*</.test(text)) return { text: '', answer: undefined }
    try {
      const answer = redaction.faultJson(JSON.parse(text))
      return { text: errorTextOf(answer) ?? oneLine(text), answer }
    } catch {
      return { text: oneLine(text), answer: undefined } // plain text is an error text too
    }
  }

  const parse = <T>(text: string, schema: z.ZodType<T>, status: number): T => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      const shown = oneLine(redaction.fault(text), 80)
      throw badAnswer(`sent something that is not JSON: ${shown || 'nothing'}`, withoutText(error))
    }
    if (errorTextOf(value) !== null) {
      const answer = redaction.faultJson(value)
      throw toFault(status, errorTextOf(answer) ?? '', { answer, wait: null })
    }
    const result = schema.safeParse(redaction.answerJson(value, text))
    if (!result.success)
      throw badAnswer(`sent JSON of another form: ${oneLine(z.prettifyError(result.error), 300)}`, result.error)
    return result.data
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

  const errorInPlaceOfEvents = (text: string): [string, { answer: unknown; wait: null }] => {
    try {
      const answer = redaction.faultJson(JSON.parse(text))
      return [errorTextOf(answer) ?? oneLine(redaction.fault(text)), { answer, wait: null }]
    } catch {
      throw badAnswer(`sent something that is not a stream of events: ${oneLine(redaction.fault(text), 80)}`)
    }
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
    close: () => agent.destroy(),
  }
}
export type HttpClient = ReturnType<typeof createHttpClient>

/** JSON.parse repeats what it did not understand, and undici hangs the bytes that are not HTTP on its error. */
const withoutText = (error: unknown): unknown => {
  if (error instanceof SyntaxError) return new SyntaxError('It is not JSON.')
  if (error instanceof errors.HTTPParserError) Object.assign(error, { data: undefined })
  return error
}

/** Without user name and password, which do not belong into a sentence. */
const originOf = (address: string): string => {
  const url = URL.parse(address)
  return url === null || url.origin === 'null' ? oneLine(address.replace(/[^/]*@/, ''), 200) : url.origin
}

const collect = async (body: AsyncIterable<Uint8Array>, maxBytes: number) => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) return { bytes: Buffer.concat(chunks), whole: false }
    chunks.push(chunk)
  }
  return { bytes: Buffer.concat(chunks), whole: true }
}

async function* atMost(body: AsyncIterable<Uint8Array>, maxBytes: number, tooMuch: () => Error) {
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) throw tooMuch()
    yield chunk
  }
}

async function* decode(chunks: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder()
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}
