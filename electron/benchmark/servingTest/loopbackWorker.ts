import { createServer, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { clock } from './clock.ts'

/** Streams that tell, in each of their pieces, when it was sent. */
export interface LoopbackPlan {
  /** pieces of each answer */
  readonly pieces: number
  /** from one piece of a stream to the next; the streams take turns in between */
  readonly everyMs: number
}

const { pieces, everyMs } = workerData as LoopbackPlan // clientError.ts gives nothing else
/** of each stream: pieces that are left, and its turn */
let arrived = 0
const streams = new Map<Socket, { left: number; readonly turn: number }>()
const head =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n'
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

/** Without node:http, which holds back what is written until the turn is over, and so is later than it says. */
const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {}) // the client may leave at any time
  socket.on('close', () => streams.delete(socket))
  socket.once('data', () => {
    socket.write(head)
    streams.set(socket, { left: pieces, turn: arrived++ % everyMs })
  })
})
let turn = 0
const timer = setInterval(() => {
  turn = (turn + 1) % everyMs
  for (const [socket, stream] of streams) {
    if (stream.turn !== turn) continue
    if (stream.left > 0) {
      stream.left -= 1
      socket.write(chunk(`data: {"choices":[{"delta":{"content":"${clock()}"}}]}\n\n`))
    } else {
      streams.delete(socket)
      socket.end(`${chunk('data: [DONE]\n\n')}0\r\n\r\n`)
    }
  }
}, 1)

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) parentPort?.postMessage(address.port)
})
parentPort?.once('message', () => {
  clearInterval(timer)
  server.close()
  for (const socket of streams.keys()) socket.destroy()
  parentPort?.close()
})
