import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { expect, it } from 'vitest'
import type { Client } from './client.ts'
import { linkSocket } from './linkSocket.ts'

/** A socket that is open, takes everything and answers nothing. */
const startSocket = () => {
  const sent: unknown[] = []
  const state = { readyState: 1 }
  const socket = Object.assign(new EventTarget(), { send: (data: unknown) => void sent.push(data) })
  Object.defineProperty(socket, 'readyState', { get: () => state.readyState })
  const websocket = linkSocket(socket as EventTarget & WebSocket) // it has all that the link uses
  const client: Client = createORPCClient(new RPCLink({ websocket }))
  return { sent, client, state, close: () => socket.dispatchEvent(new Event('close')) }
}

it('drops what is sent to a socket that is closing, and lets its end reject the calls', async () => {
  const { client, sent, state, close } = startSocket()
  const abort = new AbortController()
  const givenUp = client.system.get(undefined, { signal: abort.signal })
  const waiting = client.system.get()
  await expect.poll(() => sent.length).toBe(2)
  state.readyState = 2
  abort.abort()
  await expect(givenUp).rejects.toThrow('aborted')
  const late = client.system.get()
  state.readyState = 3
  close()
  await expect(waiting).rejects.toThrow()
  await expect(late).rejects.toThrow()
  await expect(client.system.get()).rejects.toThrow('not open')
  expect(sent.length).toBe(2)
})
