import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnyRouter } from '@orpc/server'
import { type MinimalWebsocket, RPCHandler } from '@orpc/server/websocket'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { ReportBug } from '../router/errorEdge.ts'
import type { Caller } from './callers.ts'
import { type CallContext, procedureHandling } from './procedureHandling.ts'
import { refuseDeepJson } from './requestBody.ts'
import { createTurn, takeSocket } from './turn.ts'

const MOST_FRAME_BYTES = 1024 * 1024
const HEARTBEAT_MS = 30_000
const GOODBYE_MS = 1000

/** The router's procedures over WebSockets. Whoever gets here has passed the gate with a ticket. */
export function createSockets(router: AnyRouter, reportBug: ReportBug) {
  const handler = new RPCHandler<CallContext>(router, procedureHandling(reportBug))
  const server = new WebSocketServer({ noServer: true, maxPayload: MOST_FRAME_BYTES, perMessageDeflate: false })

  const answer = async (socket: WebSocket, peer: MinimalWebsocket, message: string, caller: Caller): Promise<void> => {
    const turn = createTurn(caller)
    try {
      refuseDeepJson(message)
      await handler.message(peer, message, { context: { requestId: randomUUID(), turn } })
    } catch {
      // failures of a call are answers: what arrives here is no message of the protocol, so there is nobody to answer
      socket.close(1007, 'This is not a message of the protocol.')
    } finally {
      turn.leave()
    }
  }

  const serve = (socket: WebSocket, caller: Caller): void => {
    const peer = paced(socket)
    const stopHeartbeat = keepAlive(socket)
    const onEnded = (): void => socket.close(4401, 'This session has ended.')
    caller.ended.addEventListener('abort', onEnded)
    socket.on('message', (data: RawData, isBinary) => {
      if (isBinary) socket.close(1003, 'This is not a message of the protocol.')
      else void answer(socket, peer, data.toString(), caller)
    })
    // ws closes it itself, with the code for what was wrong: a frame too large, bytes that are no frame
    socket.on('error', () => {})
    socket.on('close', () => {
      handler.close(peer)
      stopHeartbeat()
      caller.ended.removeEventListener('abort', onEnded)
    })
    if (caller.ended.aborted) onEnded()
  }

  return {
    accept(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void {
      socket.once('close', takeSocket(caller))
      server.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, caller))
    },
    /** Says goodbye to every socket, and cuts those that do not answer. */
    async close(): Promise<void> {
      const open = [...server.clients]
      const closed = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      for (const socket of open) socket.close(1001, 'Berth is closing.')
      const timer = setTimeout(() => {
        for (const socket of open) socket.terminate()
      }, GOODBYE_MS)
      await Promise.all(closed)
      clearTimeout(timer)
    },
  }
}

export type Sockets = ReturnType<typeof createSockets>

/** Sending waits for the reader, so a stream goes no faster than it is read. */
const paced = (socket: WebSocket): MinimalWebsocket => ({
  addEventListener: () => {},
  send: (data) =>
    new Promise<void>((resolve) => {
      if (typeof data !== 'string') throw new TypeError('Only text is sent.')
      // fails only when the socket closes, and then its handler ends all it had open
      socket.send(data, () => resolve())
    }),
})

/** Cuts a socket whose other end has gone without a word. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    if (socket.readyState === WebSocket.OPEN) socket.ping()
  }, HEARTBEAT_MS)
  timer.unref()
  return () => clearInterval(timer)
}
