import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ErrorBody, errorCodes } from '../../shared/contract/errors.ts'
import { patience } from '../../test/support/patience.ts'
import { type Answer, bearer, bodyOf, json, startTestHost, TOKEN } from '../../test/support/testHost.ts'
import { createHttpHost } from './httpHost.ts'
import { listProcedures } from './routeTable.ts'

type Host = Awaited<ReturnType<typeof startTestHost>>
let host: Host
beforeAll(async () => {
  host = await startTestHost()
})
afterEach(() => {
  host.changes.length = 0
  host.bugs.length = 0
})
afterAll(() => host.host.close())

const expectError = (answer: Answer, code: keyof typeof errorCodes): void => {
  const body = ErrorBody.parse(bodyOf(answer))
  expect({ status: answer.status, code: body.code }).toEqual({ status: errorCodes[code].status, code })
  expect(answer.headers['content-type']).toBe('application/json')
  expect(answer.headers['x-request-id']).toBe(body.requestId)
}

const addBody = JSON.stringify({ name: 'one' })
const readPaths = [
  '/',
  '/api/v1/health',
  '/api/v1/things',
  '/api/v1/openapi.json',
  '/open?token=x',
  '/assets/index-abc.js',
]
const writes = [
  ['POST', '/api/v1/things'],
  ['PUT', '/api/v1/things'],
  ['DELETE', '/api/v1/things'],
  ['POST', '/api/session/ticket'],
  ['POST', '/api/session/link'],
] as const

describe('the way in', () => {
  it('opens with the link once: a strict cookie of this port, and the page', async () => {
    const path = host.host.link().slice(host.host.address.length)
    expect((await host.call('HEAD', path)).status).not.toBe(500)
    const opened = await host.call('GET', path)
    expect([opened.status, opened.headers.location]).toEqual([303, '/'])
    expect(opened.headers['set-cookie']).toMatch(
      new RegExp(`^berth-${host.host.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    )
    expectError(await host.call('GET', path), 'UNAUTHENTICATED')
    const person = await host.call('GET', path, { accept: 'text/html,*/*' })
    expect([person.status, person.headers.location, person.headers['set-cookie']]).toEqual([303, '/', undefined])
  })

  it('works when the link is followed from another site or typed', async () => {
    for (const site of ['cross-site', 'same-site', 'none']) {
      const path = host.host.link().slice(host.host.address.length)
      const visit = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      expect((await host.call('GET', path, visit)).headers['set-cookie']).toBeDefined()
      expect((await host.call('GET', '/', visit)).status).toBe(200)
    }
  })

  it('gives the token and a signed-in browser new links and tickets', async () => {
    const browser = await host.signIn()
    for (const headers of [bearer, { 'x-api-key': TOKEN }, browser]) {
      expect(bodyOf(await host.call('POST', '/api/session/ticket', { ...headers, ...json }, '{}')).ticket).toMatch(
        /^[\w-]{43}$/,
      )
      expect(bodyOf(await host.call('POST', '/api/session/link', headers)).link).toMatch(/\/open\?token=[\w-]{43}$/)
    }
  })

  it('ends what a session has open when it signs off', async () => {
    const browser = await host.signIn()
    const stream = await request(`${host.host.address}/api/v1/things/watch`, { headers: browser })
    await await Promise.all([host.call('DELETE', '/api/session', browser), stream.body.text().catch(() => 'cut')])
    expectError(await host.call('GET', '/api/v1/things', browser), 'UNAUTHENTICATED')
    await vi.waitFor(() => expect(host.watchers.open).toBe(0), patience)
  })

  it('gives the same answer for a wrong token, an unknown one and none', async () => {
    const answers = await Promise.all(
      [
        {},
        { authorization: 'Bearer x' },
        { 'x-api-key': 'x' },
        { authorization: `Basic ${TOKEN}` },
        { cookie: 'berth-1=x' },
      ].map((headers) => host.call('GET', '/api/v1/things', headers)),
    )
    for (const answer of answers) {
      expectError(answer, 'UNAUTHENTICATED')
      expect(answer.headers['www-authenticate']).toBe('Bearer')
      expect({ ...bodyOf(answer), requestId: '' }).toEqual({ ...bodyOf(answers[0] as Answer), requestId: '' })
    }
  })

  it('never forgives a wrong token for a good cookie or a good token beside it', async () => {
    const browser = await host.signIn()
    for (const headers of [
      { ...browser, authorization: 'Bearer wrong' },
      { ...browser, 'x-api-key': 'wrong' },
      { ...bearer, 'x-api-key': 'wrong' },
      { authorization: 'Bearer wrong', 'x-api-key': TOKEN },
    ])
      expectError(await host.call('POST', '/api/v1/things', { ...headers, ...json }, addBody), 'UNAUTHENTICATED')
    expect(host.changes).toEqual([])
  })

  it('slows wrong tokens down after ten in a minute', async () => {
    const own = await startTestHost()
    const path = '/api/v1/things'
    for (let attempt = 0; attempt < 10; attempt += 1) await own.call('GET', path, { 'x-api-key': `wrong ${attempt}` })
    const crowd = await Promise.all(
      Array.from({ length: 40 }, (_, index) => own.call('GET', path, { 'x-api-key': `wrong again ${index}` })),
    )
    const statuses = crowd.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(20)
    await own.host.close()
  })
})

describe('every route', () => {
  it('says who may call it', () => {
    for (const { name, access } of listProcedures(host.router))
      expect([name, access]).toEqual([name, expect.any(String)])
  })

  it('refuses a wrong Host, whatever else is right', async () => {
    const { port } = host.host
    const wrong = [
      [],
      ['evil.example'],
      [`127.0.0.1:${port}`, 'evil.example'],
      [`localhost.:${port}`],
      [`127.0.0.1:${port + 1}`],
    ]
    const browser = await host.signIn()
    for (const [method, path] of [...readPaths.map((one) => ['GET', one] as const), ...writes])
      for (const hosts of wrong) {
        const head = [
          `${method} ${path} HTTP/1.1`,
          ...hosts.map((one) => `Host: ${one}`),
          `Origin: ${host.host.address}`,
          `Authorization: Bearer ${TOKEN}`,
          `Cookie: ${browser.cookie}`,
          'X-Berth: 1',
          'Content-Type: application/json',
          `Content-Length: ${method === 'GET' ? 0 : addBody.length}`,
          'Connection: close',
        ]
        const answer = await host.raw(`${head.join('\r\n')}\r\n\r\n${method === 'GET' ? '' : addBody}`)
        expect(answer).toMatch(/^HTTP\/1\.1 403 .*"code":"FORBIDDEN"/s)
      }
    expect(
      await host.raw(
        `GET ${host.host.address}/api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1\.1 403 /)
    expect(host.changes).toEqual([])
  })

  it('refuses foreign Origins with every credential, and never names them in an answer', async () => {
    const browser = await host.signIn()
    const credentials = [{}, bearer, { cookie: browser.cookie }, { cookie: browser.cookie, 'x-berth': '1' }]
    const foreign = [
      'null',
      'http://evil.example',
      `${host.host.address}.evil.example`,
      `http://127.0.0.1:${host.host.port + 1}`,
      'https://localhost',
    ]
    for (const [method, path] of [...readPaths.map((one) => ['GET', one] as const), ...writes])
      for (const origin of foreign)
        for (const headers of credentials) {
          const sent = { ...headers, origin, ...(method === 'GET' ? {} : json) }
          const answer = await host.call(method, path, sent, method === 'GET' ? undefined : addBody)
          expectError(answer, 'FORBIDDEN')
          expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
        }
    const preflight = { origin: 'http://evil.example', 'access-control-request-method': 'POST' }
    expectError(await host.call('OPTIONS', '/api/v1/things', preflight), 'FORBIDDEN')
    expect(host.changes).toEqual([])
  })

  it('changes nothing for a browser that lacks the Origin or our header', async () => {
    const { cookie, origin } = await host.signIn()
    for (const [method, path] of writes) {
      for (const headers of [
        { cookie },
        { cookie, 'x-berth': '1' },
        { cookie, origin },
        { cookie, origin, 'x-berth': '0' },
      ])
        expectError(await host.call(method, path, { ...headers, ...json }, addBody), 'FORBIDDEN')
      expectError(await host.call(method, path, { origin, 'x-berth': '1', ...json }, addBody), 'UNAUTHENTICATED')
    }
    expect(host.changes).toEqual([])
  })

  it('takes JSON only', async () => {
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=latin1',
      'text/json',
      'application/jsonx',
    ]
    for (const [method, path] of writes)
      for (const type of types)
        expectError(await host.call(method, path, { ...bearer, 'content-type': type }, addBody), 'NOT_JSON')
    expectError(await host.call('POST', '/api/v1/things', bearer, addBody), 'NOT_JSON')
    expectError(
      await host.call('POST', '/api/v1/things', { ...bearer, ...json, 'content-encoding': 'gzip' }, addBody),
      'NOT_JSON',
    )
    expect(host.changes).toEqual([])
    expect(
      (
        await host.call(
          'POST',
          '/api/v1/things',
          { ...bearer, 'content-type': 'Application/JSON; charset=UTF-8' },
          addBody,
        )
      ).status,
    ).toBe(200)
  })

  it('answers with rules for the browser', async () => {
    const { port, address } = host.host
    for (const path of [...readPaths, '/missing', '/api/v1/missing']) {
      const { headers } = await host.call('GET', path)
      expect(headers['content-security-policy']).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self' ws://127.0.0.1:${port}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'`,
      )
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'x-request-id': expect.stringMatching(/^[\w-]{36}$/),
      })
      if (path.startsWith('/api')) expect(headers['cache-control']).toBe('no-store')
    }
    expect(address).toBe(`http://127.0.0.1:${port}`)
  })
})

describe('answers', () => {
  it('arrive whole, however large they are', async () => {
    host.changes.push('x'.repeat(32 << 20))
    const answer = await host.call('GET', '/api/v1/things', bearer)
    expect([answer.status, answer.text.length]).toEqual([200, Number(answer.headers['content-length'])])
    expect(host.bugs).toEqual([])
  })
})

describe('limits', () => {
  it('refuses a body over 8 MiB, announced or not, before it is parsed', async () => {
    const limit = 8 * 1024 * 1024
    const fits = Buffer.from(JSON.stringify({ name: 'x'.repeat(limit - 11) }))
    expect(fits.length).toBe(limit)
    expectError(await host.call('POST', '/api/v1/things', { ...bearer, ...json }, fits), 'INVALID_INPUT')
    const tooLarge = Buffer.concat([fits, Buffer.from(' ')])
    expectError(await host.call('POST', '/api/v1/things', { ...bearer, ...json }, tooLarge), 'TOO_LARGE')
    const chunked = await request(`${host.host.address}/api/v1/things`, {
      method: 'POST',
      headers: { ...bearer, ...json },
      body: Readable.from([tooLarge.subarray(0, limit), tooLarge.subarray(limit)]),
    })
    expect(chunked.statusCode).toBe(413)
    await chunked.body.dump()
  })

  it('refuses headers over 16 KiB', async () => {
    const line = (bytes: number) =>
      `GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:${host.host.port}\r\nConnection: close\r\nX-Long: ${'x'.repeat(bytes)}\r\n\r\n`
    expect(await host.raw(line(15_000))).toMatch(/^HTTP\/1\.1 200 /)
    expect(await host.raw(line(17_000))).toMatch(/^HTTP\/1\.1 431 .*"code":"HEADERS_TOO_LARGE"/s)
  })

  it('refuses JSON deeper than 64 levels, and takes 64', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const send = (body: string) => host.call('POST', '/api/v1/things', { ...bearer, ...json }, body)
    expectError(await send(nested(64)), 'INVALID_INPUT')
    expectError(await send(nested(65)), 'INVALID_JSON')
    expectError(await send('['.repeat(1_000_000)), 'INVALID_JSON')
    expect((await send(JSON.stringify({ name: '[[{"\\'.repeat(20) }))).status).toBe(200)
  })

  it.each(['{', '{"name":"a"', 'nonsense', '"\\ud800', '{"name":NaN}', "{'name':1}", '\ufeff{}x'])(
    'refuses %j as JSON',
    async (body) => {
      expectError(await host.call('POST', '/api/v1/things', { ...bearer, ...json }, body), 'INVALID_JSON')
    },
  )

  it('refuses bytes that are not UTF-8', async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
    expectError(await host.call('POST', '/api/v1/things', { ...bearer, ...json }, body), 'INVALID_JSON')
  })

  it('lets twenty requests of one token wait, and refuses the next; streams are counted apart', async () => {
    const waiting = Array.from({ length: 20 }, () => host.call('POST', '/api/v1/things/wait', bearer))
    await vi.waitFor(() => expect(host.releases).toHaveLength(20), patience)
    expectError(await host.call('GET', '/api/v1/things', bearer), 'TOO_MANY_REQUESTS')
    expect((await host.call('GET', '/api/v1/things', await host.signIn())).status).toBe(200)
    for (const release of host.releases.splice(0)) release()
    await Promise.all(waiting)
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => request(`${host.host.address}/api/v1/things/watch`, { headers: bearer })),
    )
    expect((await host.call('GET', '/api/v1/things', bearer)).status).toBe(200)
    expectError(await host.call('GET', '/api/v1/things/watch', bearer), 'TOO_MANY_REQUESTS')
    for (const stream of streams) stream.body.destroy()
    await vi.waitFor(() => expect(host.watchers.open).toBe(0), patience)
    await vi.waitFor(async () => {
      const again = await request(`${host.host.address}/api/v1/things/watch`, { headers: bearer })
      again.body.destroy()
      expect(again.statusCode).toBe(200)
    }, patience)
  })

  it('serves others while two hundred slow connections hang', async () => {
    const slow = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = connect(host.host.port, '127.0.0.1')
        await once(socket, 'connect')
        socket.write(`POST /api/v1/things HTTP/1.1\r\nHost: 127.0.0.1:${host.host.port}\r\nContent-Le`)
        return socket
      }),
    )
    expect((await host.call('GET', '/api/v1/things', bearer)).status).toBe(200)
    for (const socket of slow) socket.destroy()
  })
})

describe('REST', () => {
  it('answers what the router answers', async () => {
    expect(bodyOf(await host.call('GET', '/api/v1/health'))).toEqual({ status: 'ok' })
    expect(bodyOf(await host.call('POST', '/api/v1/things', { ...bearer, ...json }, addBody))).toEqual({
      things: ['add one'],
    })
    expect(bodyOf(await host.call('DELETE', '/api/v1/things', { ...bearer, ...json }, addBody))).toEqual({
      things: ['add one', 'remove one'],
    })
    expect((await host.call('GET', '/api/v1/things?search=a%2Fb%3Ac', bearer)).status).toBe(200)
  })

  it('takes what to delete from the query too, for programs that send no body with DELETE', async () => {
    expect(bodyOf(await host.call('DELETE', '/api/v1/things?name=%C3%BC%20%2520%2Fa%3Ab', bearer))).toEqual({
      things: ['remove ü %20/a:b'],
    })
    expectError(await host.call('DELETE', '/api/v1/things?nam=a', bearer), 'INVALID_INPUT')
    expectError(await host.call('DELETE', '/api/v1/things', bearer), 'INVALID_INPUT')
  })

  it('names what exists: 404 for another address, 405 with Allow for another method', async () => {
    for (const path of [
      '/api/v1/missing',
      '/api/v1/things/',
      '/api/v1//things',
      '/api/v1/THINGS',
      '/api/v1/%74hings',
      '/api',
      '/api/',
      '/rpc',
      '/missing.js',
    ])
      expectError(await host.call('GET', path, bearer), 'NOT_FOUND')
    const wrong = await host.call('PATCH', '/api/v1/things', bearer)
    expectError(wrong, 'METHOD_NOT_ALLOWED')
    expect(wrong.headers.allow).toBe('GET, POST, PUT, DELETE, HEAD, OPTIONS')
    expectError(await host.call('POST', '/', bearer), 'METHOD_NOT_ALLOWED')
    const options = await host.call('OPTIONS', '/api/v1/health')
    expect([options.status, options.headers.allow, options.text]).toEqual([204, 'GET, HEAD, OPTIONS', ''])
  })

  it('answers HEAD like GET without a body, also where GET is a stream', async () => {
    for (const path of ['/', '/api/v1/things', '/api/v1/things/watch', '/api/v1/health']) {
      const answer = await host.call('HEAD', path, bearer)
      expect([path, answer.status, answer.text]).toEqual([path, 200, ''])
    }
    await vi.waitFor(() => expect(host.watchers.open).toBe(0), patience)
  })

  it('names the fields that are wrong', async () => {
    const answer = await host.call('POST', '/api/v1/things', { ...bearer, ...json }, '{"name":""}')
    expectError(answer, 'INVALID_INPUT')
    expect(bodyOf(answer).message).toMatch(/name: /)
    for (const body of ['', '[]', 'null', '1', '{"name":"a","more":1}', '{"__proto__":{"name":"a"}}'])
      expectError(await host.call('POST', '/api/v1/things', { ...bearer, ...json }, body), 'INVALID_INPUT')
    for (const query of [
      '?search=%zz',
      '?search=%ff',
      '?search=a&search=b',
      '?search[0]=a',
      '?other=1',
      '?__proto__[x]=1',
    ])
      expectError(await host.call('GET', `/api/v1/things${query}`, bearer), 'INVALID_INPUT')
  })

  it('tells a known failure with its facts, and a bug with nothing but a number that is in the log', async () => {
    const fail = (how: string) =>
      host.call('POST', '/api/v1/things/fail', { ...bearer, ...json }, JSON.stringify({ how }))
    const known = await fail('known')
    expectError(known, 'OUT_OF_MEMORY')
    expect(bodyOf(known).details).toEqual({ missingBytes: 12 })
    expect(host.bugs).toEqual([])
    for (const how of ['bug', 'bad answer']) {
      const answer = await fail(how)
      expectError(answer, 'INTERNAL')
      expect(answer.text).not.toContain('secret')
      expect(host.bugs.map(({ requestId }) => requestId)).toContain(bodyOf(answer).requestId)
    }
  })

  it('sends a stream as server-sent events and ends it at its source when the reader leaves', async () => {
    const stream = await request(`${host.host.address}/api/v1/things/watch`, { headers: bearer })
    expect(stream.headers['content-type']).toBe('text/event-stream')
    let text = ''
    for await (const chunk of stream.body) {
      text += String(chunk)
      if (text.includes('count')) break
    }
    expect(text).toMatch(/event: message\ndata: \{"count":0\}\n\n/)
    await vi.waitFor(() => expect(host.watchers.open).toBe(0), patience)
  })

  it('ends a stream that breaks with the same error as any other', async () => {
    const { text } = await host.call('POST', '/api/v1/things/crash', bearer)
    const data = /event: error\ndata: (.*)\n/.exec(text)?.[1] ?? ''
    expect(ErrorBody.parse(JSON.parse(data))).toMatchObject({ code: 'ENGINE_CRASHED', advice: expect.any(String) })
  })

  it('answers bytes that are no request', async () => {
    expect(await host.raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"INVALID_INPUT"/s)
    expect(
      await host.raw(
        `GET / HTTP/1.1\r\nHost: 127.0.0.1:${host.host.port}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('serves the page fresh and its hashed files for good, without a token', async () => {
    const page = await host.call('GET', '/')
    expect([page.status, page.headers['content-type'], page.headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ])
    const script = await host.call('GET', '/assets/index-abc.js')
    expect([script.status, script.headers['content-type'], script.headers['cache-control']]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ])
  })
})

describe('listening', () => {
  const start = (options: { port?: number; hostname?: string; lan?: boolean }) =>
    createHttpHost({ ...host, token: TOKEN, uiDir: '', version: '1', now: Date.now, port: 0, ...options })

  it('names a port in use', async () => {
    await expect(start({ port: host.host.port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `Port ${host.host.port} is in use.`,
    })
  })

  it('leaves loopback only when it is asked to', async () => {
    for (const hostname of ['0.0.0.0', '::', '192.0.2.1', 'example.org'])
      await expect(start({ hostname })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        advice: expect.stringContaining('--lan'),
      })
    const lan = await start({ hostname: '0.0.0.0', lan: true })
    expect(lan.address).toBe(`http://127.0.0.1:${lan.port}`)
    await lan.close()
    const local = await start({ hostname: 'localhost' })
    expect(local.address).toBe(`http://127.0.0.1:${local.port}`)
    await local.close()
  })

  it('names an address this machine does not have', async () => {
    await expect(start({ hostname: '192.0.2.1', lan: true })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('closes what is open', async () => {
    const own = await startTestHost()
    const stream = await request(`${own.host.address}/api/v1/things/watch`, { headers: bearer })
    const ended = stream.body.text().catch(() => 'cut')
    await vi.waitFor(() => expect(own.watchers.open).toBe(1), patience)
    await own.host.close()
    await ended
    await vi.waitFor(() => expect(own.watchers.open).toBe(0), patience)
    await expect(own.call('GET', '/')).rejects.toThrow()
  })
})
