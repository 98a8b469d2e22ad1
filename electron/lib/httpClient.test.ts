import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type Behaviour, misbehave } from '../../test/support/ollamaBehaviour.ts'
import { patience } from '../../test/support/patience.ts'
import { AppError } from './appError.ts'
import { createHttpClient, type HttpLimits } from './httpClient.ts'

const Answer = z.object({ ok: z.boolean() })
const drain = async (items: AsyncIterable<unknown>) => {
  for await (const _ of items);
}
const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const clientOf = (baseUrl: string, limits?: Partial<HttpLimits>, headers?: Record<string, string>) => {
  const client = createHttpClient({
    name: 'Peer',
    baseUrl,
    limits,
    ...(headers && { headers }),
    toFault: (status, text) => new AppError('PROVIDER_ERROR', `${status}: ${text}`),
  })
  cleanUps.push(() => client.close())
  return client
}

const serve = async (listener: RequestListener) => {
  const closed: string[] = []
  const server = createServer((request, response) => {
    response.on('close', () => closed.push(request.url ?? ''))
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, closed }
}
const serveBadly = (how: Behaviour) =>
  serve((_, response) => void misbehave(how, response, () => void response.end('{"ok":true}')))
const never = new AbortController().signal
const get = (url: string, limits?: Partial<HttpLimits>) => clientOf(url, limits).json({ path: '/x' }, Answer, never)
const stream = (url: string, limits?: Partial<HttpLimits>) =>
  drain(clientOf(url, limits).ndjson({ path: '/x' }, z.object({}), never))

test('a JSON request carries its body, headers and path below the base address', async () => {
  const seen: unknown[] = []
  const { url } = await serve(async (request, response) => {
    const body = await request.toArray()
    const { authorization, 'content-type': contentType } = request.headers
    seen.push([request.method, request.url, authorization, contentType, Buffer.concat(body).toString()])
    response.end('{"ok":true}')
  })
  const client = clientOf(`${url}/prefix/`, {}, { authorization: 'Bearer key' })
  await expect(client.json({ path: '/x?y=1', body: { a: 'ä' } }, Answer, never)).resolves.toEqual({ ok: true })
  expect(seen).toEqual([['POST', '/prefix/x?y=1', 'Bearer key', 'application/json', '{"a":"ä"}']])
})

test('a port where nothing listens is unreachable', async () => {
  const { url } = await serve(() => {})
  await cleanUps.shift()?.()
  await expect(get(url)).rejects.toMatchObject({
    code: 'PROVIDER_UNREACHABLE',
    message: `No connection to Peer at ${url}: nothing listens there.`,
  })
})

test.each(['not an address', 'ftp://127.0.0.1/x', 'http://'])('%s is no address, in words', async (address) => {
  await expect(get(address)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
})

test('TLS to a server without it names the handshake', async () => {
  const { url } = await serve(() => {})
  await expect(get(url.replace('http:', 'https:'))).rejects.toMatchObject({
    code: 'PROVIDER_UNREACHABLE',
    message: expect.stringContaining('No secure connection'),
  })
})

test('a password in the address is in no sentence', async () => {
  const { url } = await serveBadly('reset')
  const error = await get(url.replace('//', '//me:canary@')).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(AppError)
  expect(JSON.stringify([error, (error as AppError).message])).not.toContain('canary')
})

test.each<[Behaviour, string, string]>([
  ['reset', 'PROVIDER_UNREACHABLE', 'without an answer'],
  ['not http', 'PROVIDER_BAD_ANSWER', 'does not speak HTTP'],
  ['no headers', 'PROVIDER_TIMEOUT', 'within 0.2 s'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'within 0.2 s'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['html', 'PROVIDER_BAD_ANSWER', 'not JSON: <!doctype'],
  ['wrong types', 'PROVIDER_BAD_ANSWER', 'JSON of another form'],
  ['huge body', 'PROVIDER_BAD_ANSWER', 'more than 100000 bytes'],
  ['huge headers', 'PROVIDER_BAD_ANSWER', 'header bytes'],
  [{ redirect: 'http://169.254.169.254/x' }, 'PROVIDER_BAD_ANSWER', 'redirect to http://169.254.169.254/x'],
  [{ status: 200, body: '' }, 'PROVIDER_BAD_ANSWER', 'not JSON: nothing'],
  [{ status: 200, body: '{"error":"no"}' }, 'PROVIDER_ERROR', '200: no'],
  [{ status: 500, body: '{"error":"no\\u0000\\nway"}' }, 'PROVIDER_ERROR', '500: no way'],
  [{ status: 502, body: '<html><b>Bad</b>', contentType: 'text/html' }, 'PROVIDER_ERROR', '502: '],
  [{ status: 403, body: '' }, 'PROVIDER_ERROR', '403: '],
  [{ status: 404, body: '404 page not found', contentType: 'text/plain' }, 'PROVIDER_ERROR', '404: 404 page not found'],
])('a JSON answer that is %j is %s', async (how, code, words) => {
  const { url, closed } = await serveBadly(how)
  const asked = get(url, {
    answerMs: how === 'no headers' || how === 'headers, then silence' ? 200 : 10_000,
    maxBodyBytes: 100_000,
  })
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  if (how === 'huge body' || how === 'no headers') await vi.waitFor(() => expect(closed).toEqual(['/x']), patience)
})

test.each<[Behaviour, string, string]>([
  ['no headers', 'PROVIDER_TIMEOUT', 'did not answer'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['error line', 'PROVIDER_ERROR', '200: an error was encountered'],
  ['html', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['endless line', 'PROVIDER_BAD_ANSWER', 'a line of more than 50000 characters'],
  ['endless stream', 'PROVIDER_BAD_ANSWER', 'streamed more than 1000000 bytes'],
  [{ lines: ['{"a":1}', '{"a":'] }, 'PROVIDER_BAD_ANSWER', 'not JSON: {"a":'],
  [{ lines: ['[]'] }, 'PROVIDER_BAD_ANSWER', 'JSON of another form'],
])('a stream that is %j is %s', async (how, code, words) => {
  const { url, closed } = await serveBadly(how)
  const limits = { maxLineLength: 50_000, maxStreamBytes: 1_000_000, headersMs: 5_000, idleMs: 5_000 }
  const short = { 'no headers': { headersMs: 200 }, 'headers, then silence': { idleMs: 200 } }[String(how)]
  const asked = stream(url, { ...limits, ...short })
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  await vi.waitFor(() => expect(closed).toEqual(['/x']), patience)
})

test('objects of a stream come one by one while it goes on', async () => {
  const writes: ((line: string) => void)[] = []
  const { url } = await serve((_, response) => {
    writes.push((line) => response.write(line))
    response.write('{"n":1}\n')
  })
  const objects = clientOf(url).ndjson({ path: '/x' }, z.object({ n: z.number() }), never)
  expect(await objects.next()).toEqual({ done: false, value: { n: 1 } })
  writes[0]?.('{"n":2}\n{"n"')
  expect(await objects.next()).toEqual({ done: false, value: { n: 2 } })
  writes[0]?.(':3}\n')
  expect(await objects.next()).toEqual({ done: false, value: { n: 3 } })
  await objects.return(undefined)
})

test('leaving the loop closes the connection', async () => {
  const { url, closed } = await serveBadly('endless stream')
  for await (const _ of clientOf(url).ndjson({ path: '/x' }, z.object({}), never)) break
  await vi.waitFor(() => expect(closed).toEqual(['/x']), patience)
})

test.each<Behaviour>(['no headers', 'headers, then silence', 'endless stream'])(
  'cancelling a stream with %s ends it on both sides',
  async (how) => {
    const controller = new AbortController()
    const { url, closed } = await serve((_, response) => {
      misbehave(how, response, () => {}).then(() => controller.abort())
      if (how === 'endless stream') setImmediate(() => controller.abort())
    })
    const reading = drain(clientOf(url).ndjson({ path: '/x' }, z.object({}), controller.signal))
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
    await vi.waitFor(() => expect(closed).toEqual(['/x']), patience)
  },
)

test('a request that is cancelled before it is sent is not sent', async () => {
  const { url, closed } = await serve((_, response) => void response.end('{"ok":true}'))
  await expect(clientOf(url).json({ path: '/x' }, Answer, AbortSignal.abort())).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  expect(closed).toEqual([])
})

test('a server that accepts and says nothing at all is a time-out, not a wait without end', async () => {
  const server = createTcpServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(async () => void server.close())
  const { port } = server.address() as AddressInfo
  await expect(get(`http://127.0.0.1:${port}`, { answerMs: 100 })).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
})

/** A server that says `first` and then `again` every few milliseconds, to whoever asks anything. */
const serveBytes = async (first: string, again: string) => {
  const server = createTcpServer((socket) => {
    const timer = setInterval(() => socket.write(again), 5)
    socket.on('error', () => {})
    socket.on('close', () => clearInterval(timer))
    socket.once('data', () => socket.write(first))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(async () => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each([
  ['announces an answer again and again', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ['sends its headers byte by byte', 'HTTP/1.1 200 OK\r\nx: ', 'y'],
  ['sends an error byte by byte', 'HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
])('a server that %s in place of a stream is a time-out too', async (_, first, again) => {
  const asked = stream(await serveBytes(first, again), { headersMs: 150 })
  await expect(asked).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT', message: expect.stringContaining('in time') })
})

test('a hundred thousand empty lines at once give others their turn', async () => {
  const { url } = await serve((_, response) => response.end('\n'.repeat(100_000)))
  let turns = 0
  let reading = true
  const others = () => {
    turns++
    if (reading) setImmediate(others)
  }
  setImmediate(others)
  for await (const _ of clientOf(url).ndjson({ path: '/x' }, z.object({}), never));
  reading = false
  expect(turns).toBeGreaterThan(300)
})

test('200 MB of a stream pass with memory flat', async () => {
  const line = `${JSON.stringify({ text: 'x'.repeat(65_000) })}\n`
  const lines = function* () {
    for (;;) yield line
  }
  const { url } = await serve((_, response) => void pipeline(Readable.from(lines()), response, () => {}))
  const before = process.memoryUsage.rss()
  let most = 0
  const objects = clientOf(url, { maxStreamBytes: 200e6 }).ndjson({ path: '/x' }, z.object({}), never)
  await expect(async () => {
    for await (const _ of objects) most = Math.max(most, process.memoryUsage.rss() - before)
  }).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  expect(most).toBeLessThan(128 * 2 ** 20)
})

test('a long answer comes in pieces, with no character cut, and within the bounds of a stream', async () => {
  const text = 'Grüße 你好 👩‍👩‍👧 '.repeat(20_000)
  const { url } = await serve((_, response) => response.end(text))
  let seen = ''
  let longest = 0
  for await (const piece of clientOf(url).pieces({ path: '/x' }, never)) {
    seen += piece.text
    longest = Math.max(longest, piece.text.length)
  }
  expect(seen).toBe(text)
  expect(longest).toBeLessThan(200_000)
  const bounded = clientOf(url, { maxStreamBytes: 10_000 }).pieces({ path: '/x' }, never)
  await expect(drain(bounded)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
})
