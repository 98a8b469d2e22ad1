import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { holdsSecret } from '../../test/support/findSecret.ts'
import { AppError } from './appError.ts'
import { createHttpClient } from './httpClient.ts'
import { createKeyRedaction } from './keyRedaction.ts'

const key = 'sk-canary/5f2c9+a8e1~d740=b6'
const never = new AbortController().signal
const Any = z.record(z.string(), z.unknown())

const redactionOf = (sent: string) => {
  const redaction = createKeyRedaction()
  redaction.sent(sent)
  return redaction
}
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('what a server repeats of a key is taken out', () => {
  it.each([
    key,
    `Bearer ${key}`,
    JSON.stringify({ key }),
    encodeURIComponent(key),
    `?a=b&key=${encodeURIComponent(key).toLowerCase()}&c=d`,
    ...['', 'a', 'ab', 'abc', 'Bearer ', 'user:'].map((before) => base64(`${before}${key}`)),
    ...['', 'a', 'ab'].map((before) => base64(`${before}${key} and more`)),
    Buffer.from(`a${key}`).toString('base64url'),
    Buffer.from(key).toString('hex'),
    `${key}${key}`,
  ])('from %s', (text) => {
    expect(holdsSecret(text, key)).toBe(true)
    const { answer, fault } = redactionOf(key)
    expect([holdsSecret(answer(text), key), holdsSecret(fault(text), key)]).toEqual([false, false])
    expect(answer(text)).toContain('[key removed]')
  })

  it('from JSON that escapes its letters, in values and names, however deep', () => {
    const escaped = [...key].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('')
    const text = `{"a":[{"b":"x ${escaped} y"}],"${escaped}":1,"c":[0,true,null,"é"]}`
    const { answer, answerJson } = redactionOf(key)
    expect(answer(text)).toBe(text)
    expect(answerJson(JSON.parse(text), text)).toEqual({
      a: [{ b: 'x [key removed] y' }],
      '[key removed]': 1,
      c: [0, true, null, 'é'],
    })
    const deep = `${'['.repeat(50_000)}"${escaped}"${']'.repeat(50_000)}`
    expect(holdsSecret(inspect(answerJson(JSON.parse(deep), deep), { depth: null }), key)).toBe(false)
  })

  it('from a text that comes in pieces, wherever they are cut', async () => {
    const text = `before ${key} between ${base64(key)} after`
    const { pieces, answer } = redactionOf(key)
    for (let size = 1; size < text.length; size++) {
      const cut = async function* () {
        for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
      }
      let all = ''
      for await (const piece of pieces(cut())) all += piece
      expect(all, `pieces of ${size}`).toBe(answer(text))
    }
  })

  it('and what is not the key stays as it is', () => {
    const { answer, fault } = redactionOf(key)
    for (const text of ['', 'a model', 'sk-canary', '{"a":"sk-canary/5f2c9"}', base64('something else of some length')])
      expect([answer(text), fault(text)]).toEqual([text, text])
  })
})

it('a word that is given as a key where none is needed stays in good answers, and not in errors', () => {
  const { answer, answerJson, fault } = redactionOf('lemonade')
  const list = '{"owned_by":"lemonade","path":"\\/x"}'
  expect([answer(list), answerJson(JSON.parse(list), list)]).toEqual([list, JSON.parse(list)])
  expect(fault('Wrong key: lemonade')).toBe('Wrong key: [key removed]')
  expect(redactionOf('x').fault('an example')).toBe('an example')
  const none = createKeyRedaction()
  expect([none.answer(list), none.fault(list)]).toEqual([list, list])
})

describe('a client of a server that repeats the key', () => {
  const serve = async (listener: RequestListener) => {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on TCP
  }
  const clientOf = (baseUrl: string) => {
    const client = createHttpClient({
      name: 'Peer',
      baseUrl,
      key: () => key,
      toFault: (status, text, { answer }) => new AppError('PROVIDER_ERROR', `${status} ${text}`, { cause: answer }),
    })
    onTestFinished(() => client.close())
    return client
  }
  /** Everything a caller could get hold of: a value, or the error with all that hangs on it. */
  const outcome = async (work: () => Promise<unknown>) =>
    inspect(await work().catch((error: unknown) => error), { depth: null, showHidden: true })
  const all = async (items: AsyncIterable<unknown>) => {
    const found: unknown[] = []
    for await (const item of items) found.push(item)
    return found
  }

  const listeners: Record<string, RequestListener> = {
    'in an error': ({ headers }, response) =>
      void response.writeHead(401).end(`{"error":"no ${headers.authorization}"}`),
    'in a plain error': ({ headers }, response) => void response.writeHead(500).end(`no ${headers.authorization}`),
    'in an error of another form': ({ headers }, response) =>
      void response.writeHead(400).end(JSON.stringify({ detail: [{ deep: headers.authorization }] })),
    'in an error under 200': ({ headers }, response) =>
      void response.end(`{"error":{"message":"${headers.authorization}"}}\n`),
    'in a redirect': ({ headers }, response) =>
      void response.writeHead(302, { location: `/?k=${encodeURIComponent(headers.authorization ?? '')}` }).end(),
    'in something that is not JSON': ({ headers }, response) => void response.end(`${headers.authorization}\n`),
    'in JSON that ends early': ({ headers }, response) => void response.end(`{"a":"${headers.authorization}`),
    'in a good answer': ({ headers }, response) => void response.end(`{"model":"${headers.authorization}"}\n`),
    'in Base64': ({ headers }, response) => void response.end(`{"model":"${base64(headers.authorization ?? '')}"}\n`),
    'in an event': ({ headers }, response) => void response.end(`data: {"a":"${headers.authorization}"}\n\n`),
  }
  it.each(Object.entries(listeners))('%s gives it to nobody', async (_, listener) => {
    let heard: string | undefined
    const url = await serve((request, response) => {
      heard = request.headers.authorization
      listener(request, response)
    })
    const client = clientOf(url)
    const calls = [
      () => client.json({ path: '/' }, Any, never),
      () => client.json({ path: '/' }, z.object({ model: z.number() }), never),
      () => client.whole({ path: '/' }, never),
      () => all(client.lines({ path: '/' }, never)),
      () => all(client.pieces({ path: '/' }, never)),
      () => all(client.ndjson({ path: '/' }, Any, never)),
      () => all(client.events({ path: '/' }, never)),
    ]
    for (const call of calls) expect(holdsSecret(await outcome(call), key), String(call)).toBe(false)
    expect(heard).toBe(`Bearer ${key}`)
  })

  it('in bytes that are not HTTP gives it to nobody', async () => {
    const server = createTcpServer((socket) =>
      socket.on('data', (data) => socket.end(data.toString().replace('GET', 'HTTQ/1.1 200'))),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) // it listens on TCP
    const told = await outcome(() => client.json({ path: '/' }, Any, never))
    expect(told).toContain('does not speak HTTP')
    expect(holdsSecret(told, key)).toBe(false)
  })

  it('and the same without redaction: the checks above see it', async () => {
    const url = await serve(
      ({ headers }, response) => void response.writeHead(401).end(`{"error":"no ${headers.authorization}"}`),
    )
    const client = createHttpClient({
      name: 'Peer',
      baseUrl: url,
      headers: { authorization: `Bearer ${key}` }, // past the one place that knows it as a key
      toFault: (status, text) => new AppError('PROVIDER_ERROR', `${status} ${text}`),
    })
    onTestFinished(() => client.close())
    expect(holdsSecret(await outcome(() => client.json({ path: '/' }, Any, never)), key)).toBe(true)
  })
})
