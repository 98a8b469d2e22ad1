import { once } from 'node:events'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { patience } from '../../test/support/patience.ts'
import { bearer, bodyOf, startTestHost } from '../../test/support/testHost.ts'
import type { testContract } from '../../test/support/testRouter.ts'

const clock = { ahead: 0 }
let host: Awaited<ReturnType<typeof startTestHost>>
beforeAll(async () => {
  host = await startTestHost({ now: () => Date.now() + clock.ahead })
})
afterAll(() => host.host.close())

const ticketFor = async (headers: Record<string, string>): Promise<string> =>
  String(bodyOf(await host.call('POST', '/api/session/ticket', headers)).ticket)

const socketTo = (ticket: string, headers: Record<string, string> = {}): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${host.host.port}/rpc?ticket=${ticket}`, { headers })

/** `open`, or the status and code of the refusal. */
const handshake = async (ticket: string, headers: Record<string, string> = {}): Promise<string> => {
  const socket = socketTo(ticket, headers)
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.close()
      resolve('open')
    })
    socket.on('unexpected-response', (_, response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += String(chunk)
      })
      response.on('end', () => resolve(`${response.statusCode} ${String(JSON.parse(text).code)}`))
    })
    socket.on('error', reject)
  })
}

const openSocket = async (headers: Record<string, string> = bearer) => {
  const own = headers === bearer ? {} : { origin: host.host.address }
  const socket = socketTo(await ticketFor(headers), own)
  await once(socket, 'open')
  const client: ContractRouterClient<typeof testContract> = createORPCClient(
    new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
  )
  const closed = once(socket, 'close').then(([code]) => Number(code))
  return { socket, client, closed }
}

describe('the handshake', () => {
  it('takes a ticket once', async () => {
    const ticket = await ticketFor(bearer)
    expect(await handshake(ticket)).toBe('open')
    expect(await handshake(ticket)).toBe('401 UNAUTHENTICATED')
    expect(await handshake('unknown')).toBe('401 UNAUTHENTICATED')
    expect(await handshake('')).toBe('401 UNAUTHENTICATED')
  })

  it('takes no late ticket', async () => {
    const ticket = await ticketFor(bearer)
    clock.ahead += 30_000
    expect(await handshake(ticket)).toBe('401 UNAUTHENTICATED')
  })

  it('takes no token and no cookie in place of a ticket', async () => {
    const browser = await host.signIn()
    expect(await handshake('', { ...bearer })).toBe('401 UNAUTHENTICATED')
    expect(await handshake('', { ...browser })).toBe('401 UNAUTHENTICATED')
  })

  it('asks a browser for the Origin of our page, with every ticket', async () => {
    const browser = await host.signIn()
    for (const origin of ['null', 'http://evil.example', `http://127.0.0.1:${host.host.port + 1}`])
      for (const headers of [bearer, browser])
        expect(await handshake(await ticketFor(headers), { origin })).toBe('403 FORBIDDEN')
    expect(await handshake(await ticketFor(browser))).toBe('403 FORBIDDEN')
    expect(await handshake(await ticketFor(browser), { origin: host.host.address })).toBe('open')
  })

  it('refuses another Host and another path', async () => {
    expect(await handshake(await ticketFor(bearer), { host: 'evil.example' })).toBe('403 FORBIDDEN')
    const elsewhere = new WebSocket(`ws://127.0.0.1:${host.host.port}/api/v1/things/watch`)
    const [, response] = await once(elsewhere, 'unexpected-response')
    expect(response.statusCode).toBe(404)
    response.destroy()
  })
})

describe('a socket', () => {
  it('calls, streams and ends what it left open', async () => {
    const { socket, client } = await openSocket()
    expect(await client.things.add({ name: 'one' })).toEqual({ things: ['add one'] })
    const stream = await client.things.watch()
    expect((await stream.next()).value).toEqual({ count: 0 })
    expect(host.watchers.open).toBe(1)
    socket.terminate()
    await vi.waitFor(() => expect(host.watchers.open).toBe(0), patience)
  })

  it('carries typed errors, also for bugs and wrong input', async () => {
    const { socket, client } = await openSocket()
    const codeOf = (call: Promise<unknown>) =>
      call.then(String, (error: unknown) =>
        error instanceof ORPCError ? [error.code, typeof error.data.advice] : error,
      )
    expect(await codeOf(client.things.fail({ how: 'known' }))).toEqual(['OUT_OF_MEMORY', 'string'])
    expect(await codeOf(client.things.fail({ how: 'bug' }))).toEqual(['INTERNAL', 'string'])
    expect(await codeOf(client.things.fail({ how: 'bad answer' }))).toEqual(['INTERNAL', 'string'])
    expect(await codeOf(client.things.add({ name: '' }))).toEqual(['INVALID_INPUT', 'string'])
    const stream = await client.things.crash()
    await stream.next()
    expect(await codeOf(stream.next())).toEqual(['ENGINE_CRASHED', 'string'])
    socket.close()
  })

  it('is closed when its session ends', async () => {
    const browser = await host.signIn()
    const { closed } = await openSocket(browser)
    await host.call('DELETE', '/api/session', browser)
    expect(await closed).toBe(4401)
  })

  it('takes a frame of 1 MiB and closes on a larger one', async () => {
    const { socket, client, closed } = await openSocket()
    const error = await client.things.add({ name: 'x'.repeat(1024 * 1024 - 300) }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    socket.send('x'.repeat(1024 * 1024 + 1))
    expect(await closed).toBe(1009)
  })

  it.each<[string, string | Buffer, number]>([
    ['binary', Buffer.from([1, 2, 3]), 1003],
    ['text that is no JSON', 'nonsense', 1007],
    ['null', 'null', 1007],
    ['JSON that is too deep', `${'['.repeat(100)}${']'.repeat(100)}`, 1007],
  ])('is closed by %s', async (_, message, code) => {
    const { socket, closed } = await openSocket()
    socket.send(message)
    expect(await closed).toBe(code)
  })

  it('lets twenty calls wait and refuses the next', async () => {
    const { socket, client, closed } = await openSocket()
    const waiting = Array.from({ length: 20 }, () => client.things.wait())
    await vi.waitFor(() => expect(host.releases).toHaveLength(20), patience)
    await expect(client.things.list({})).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    for (const release of host.releases.splice(0)) release()
    await Promise.all(waiting)
    expect((await client.things.list({})).things).toEqual(expect.any(Array))
    socket.close()
    await closed
  })

  it('lets a token hold twenty sockets', async () => {
    const open = await Promise.all(Array.from({ length: 20 }, () => openSocket()))
    expect(await handshake(await ticketFor(bearer))).toBe('429 TOO_MANY_REQUESTS')
    for (const { socket } of open) socket.close()
    await Promise.all(open.map(({ closed }) => closed))
    await vi.waitFor(async () => expect(await handshake(await ticketFor(bearer))).toBe('open'), patience)
  })
})
