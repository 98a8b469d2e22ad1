import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

/** How a path answers instead of as it should. Those with `event` are for streams. */
export type OpenAiBehaviour =
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly redirect: string }
  /** the data of server-sent events under 200, as they are and no more */
  | { readonly events: readonly string[] }
  /** text of a stream of events, as it is */
  | { readonly stream: string }
  | 'no headers'
  | 'headers, then silence'
  | 'slow'
  | 'reset'
  | 'cut in mid-answer'
  | 'error inside'
  | 'html'
  | 'not json'
  | 'wrong types'
  | 'huge body'
  | 'huge headers'
  | 'not http'
  | 'byte by byte'
  | 'one event, then silence'
  | 'one event, then comments'
  | 'cut in mid-event'
  | 'error event'
  | 'endless event line'
  | 'endless events'

/** One event of a streamed chat. */
export const textEvent = (content: string, finish: string | null = null): string =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_755_600_000,
    model: 'm',
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  })

const ok = (response: ServerResponse, type = 'application/json') => response.writeHead(200, { 'content-type': type })
const events = 'text/event-stream'
const html = '<!doctype html><title>Router</title><script>alert(1)</script><h1>Please log in</h1>'
const wrongTypes = { object: 7, data: 'many', models: 3, choices: 'x', version: [], status: 1, usage: 'u', error: null }

/** Writes as fast as the client reads, until it goes away. */
const forever = async (response: ServerResponse, chunk: string, pauseMs = 0) => {
  const gone = once(response, 'close')
  while (!response.destroyed) {
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), gone])
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

/** Every byte is a chunk of its own, so UTF-8 characters, lines and events are cut everywhere. */
const byteByByte = (response: ServerResponse) => {
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  const bytes = (text: string) => {
    for (const byte of Buffer.from(text)) write(Uint8Array.of(byte))
    return true
  }
  const ending = (text?: string) => {
    if (text !== undefined) bytes(text)
    return end()
  }
  Object.assign(response, { write: bytes, end: ending })
}

/** `normal` answers as the server does. Any OpenAI-style server may lie so, on any of its paths. */
export const misbehaveLikeOpenAi = async (
  how: OpenAiBehaviour,
  response: ServerResponse,
  normal: () => void | Promise<void>,
): Promise<void> => {
  if (typeof how === 'object') {
    if ('redirect' in how) response.writeHead(307, { location: how.redirect }).end()
    else if ('events' in how) ok(response, events).end(how.events.map((data) => `data: ${data}\n\n`).join(''))
    else if ('stream' in how) ok(response, events).end(how.stream)
    else response.writeHead(how.status, { 'content-type': 'application/json', ...how.headers }).end(how.body)
    return
  }
  const cut = (type: string, begun: string) => {
    ok(response, type).write(begun, () => response.socket?.end())
  }
  switch (how) {
    case 'no headers':
      return
    case 'headers, then silence':
      ok(response).flushHeaders()
      return
    case 'slow':
      ok(response)
      return forever(response, ' ', 10)
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'cut in mid-answer':
      return cut('application/json', '{"object":"list","data":[{"id":"ti')
    case 'error inside':
      ok(response).end(JSON.stringify({ error: { message: 'the worker is gone', type: 'server_error', code: 500 } }))
      return
    case 'html':
      ok(response, 'text/html').end(html)
      return
    case 'not json':
      ok(response).end('{"object":"list","data":[}')
      return
    case 'wrong types':
      ok(response).end(JSON.stringify(wrongTypes))
      return
    case 'huge body':
      ok(response).write('{"object":"list","data":[')
      return forever(response, `${JSON.stringify({ id: 'x'.repeat(60_000) })},`)
    case 'huge headers':
      response.writeHead(200, { 'x-much': 'x'.repeat(200_000) }).end('{}')
      return
    case 'not http':
      response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n')
      return
    case 'byte by byte':
      byteByByte(response)
      return normal()
    case 'one event, then silence':
      ok(response, events).write(`data: ${textEvent('Hel')}\n\n`)
      return
    case 'one event, then comments':
      ok(response, events).write(`data: ${textEvent('Hel')}\n\n`)
      return forever(response, ': PROCESSING\n\n', 10)
    case 'cut in mid-event':
      return cut(events, `data: ${textEvent('Hel')}\n\ndata: {"choices":[{"del`)
    case 'error event': {
      const error = { message: 'the worker is gone', code: 502 }
      ok(response, events).end(`data: ${textEvent('Hel')}\n\ndata: ${JSON.stringify({ error })}\n\n`)
      return
    }
    case 'endless event line':
      ok(response, events).write('data: "')
      return forever(response, 'x'.repeat(65_536))
    case 'endless events':
      ok(response, events)
      return forever(response, `data: ${textEvent('again')}\n\n`.repeat(500))
  }
}

const error = (status: number, message: string, more: object = {}) => ({
  status,
  body: JSON.stringify({ error: { message, type: null, param: null, code: null, ...more } }),
})

type BadWay = readonly [how: OpenAiBehaviour, code: string, words: string]

/** What goes wrong with any call, and the error it has to be: for `test.each`. With `limitsFor`. */
export const badAnswers: readonly BadWay[] = [
  ['no headers', 'PROVIDER_TIMEOUT', 'within'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'within'],
  ['slow', 'PROVIDER_TIMEOUT', 'within'],
  ['reset', 'PROVIDER_UNREACHABLE', 'without an answer'],
  ['cut in mid-answer', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['error inside', 'PROVIDER_ERROR', 'the worker is gone'],
  ['html', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['not json', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['wrong types', 'PROVIDER_BAD_ANSWER', 'another form'],
  ['huge body', 'PROVIDER_BAD_ANSWER', 'more than'],
  ['huge headers', 'PROVIDER_BAD_ANSWER', 'header'],
  ['not http', 'PROVIDER_BAD_ANSWER', 'HTTP'],
  [{ redirect: 'http://127.0.0.1:1/' }, 'PROVIDER_BAD_ANSWER', 'redirect'],
  [error(401, 'Invalid API key: canary-key', { type: 'authentication_error' }), 'PROVIDER_KEY_REJECTED', 'key'],
  [error(402, 'no money'), 'PROVIDER_NO_CREDIT', 'no money'],
  [{ ...error(429, 'too fast'), headers: { 'retry-after': '7' } }, 'PROVIDER_RATE_LIMITED', 'too fast'],
  [error(500, 'CUDA error: out of memory'), 'OUT_OF_MEMORY', 'out of memory'],
  [error(500, 'it broke'), 'PROVIDER_ERROR', 'it broke'],
  [{ status: 502, body: '<h1>Bad gateway</h1>', headers: { 'content-type': 'text/html' } }, 'PROVIDER_ERROR', '502'],
  [error(503, 'Loading model', { type: 'unavailable_error' }), 'PROVIDER_BUSY', 'Loading model'],
]

/** What goes wrong with a streamed answer besides, or in other words. */
export const badStreams: readonly BadWay[] = [
  ['no headers', 'PROVIDER_TIMEOUT', 'did not begin'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'did not begin'],
  ['slow', 'PROVIDER_TIMEOUT', 'did not begin'],
  ['one event, then silence', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  ['one event, then comments', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  ['cut in mid-event', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['error event', 'PROVIDER_ERROR', 'the worker is gone'],
  ['error inside', 'PROVIDER_ERROR', 'the worker is gone'],
  ['endless event line', 'PROVIDER_BAD_ANSWER', 'a line of more than'],
  ['endless events', 'PROVIDER_BAD_ANSWER', 'streamed more than'],
  ['html', 'PROVIDER_BAD_ANSWER', 'without a word'],
  [{ events: ['{"choices":'] }, 'PROVIDER_BAD_ANSWER', 'not JSON'],
  [{ events: ['{"choices":"x"}'] }, 'PROVIDER_BAD_ANSWER', 'another form'],
  [{ events: [] }, 'PROVIDER_BAD_ANSWER', 'without a word'],
  [{ events: ['[DONE]'] }, 'PROVIDER_BAD_ANSWER', 'without a word'],
  [{ events: [textEvent('Hel')] }, 'PROVIDER_BAD_ANSWER', 'broke off'],
  [{ events: ['{"object":"error","message":"too long","code":400}'] }, 'PROVIDER_ERROR', '(400): too long'],
  [{ events: [textEvent('Hel'), textEvent('', 'error')] }, 'PROVIDER_ERROR', 'ended with an error'],
  [{ stream: `data: ${textEvent('Hel')}\n\nproxy error: Failed to read\n` }, 'PROVIDER_BAD_ANSWER', 'broke off'],
  ...badAnswers.filter(([how]) => typeof how === 'object' || ['reset', 'not http', 'huge headers'].includes(how)),
]

const silent = new Set<unknown>(['no headers', 'headers, then silence', 'slow', 'one event, then silence'])

/** Short where it is waited for, else long enough for a busy machine. */
export const limitsFor = (how: OpenAiBehaviour) => {
  const waitMs = silent.has(how) || how === 'one event, then comments' ? 100 : 10_000
  return {
    answerMs: waitMs,
    firstTokenMs: waitMs,
    idleMs: waitMs,
    maxBodyBytes: 400_000,
    maxStreamBytes: 1_000_000,
    maxLineLength: 100_000,
  }
}

/** As those, for a stream that misbehaves: what is asked before it, and a first event that comes, are given time. */
export const streamLimitsFor = (how: OpenAiBehaviour) => {
  const limits = limitsFor(how)
  const begins = how === 'one event, then silence' || how === 'one event, then comments'
  return { ...limits, answerMs: 10_000, ...(begins && { firstTokenMs: 10_000 }) }
}
