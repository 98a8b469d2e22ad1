import { once } from 'node:events'
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** `method` and `path` of a request, and its bytes with all headers. A frame of a socket is one of the method `FRAME`. */
interface Watched {
  readonly method: string
  readonly path: string
  readonly bytes: string
}

export interface WatchedProxyOptions {
  /** the server behind it, an origin */
  readonly target: string
  /** answers in its place where this returns something */
  readonly instead?: (method: string, count: number) => InPlace | null
}
/** `silence`: none at all; `cut`: the connection ends, as of a server that is not there. */
export type InPlace = Answer | 'silence' | 'cut'
interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Stands before a server, at another port, sees every byte that is sent to it, and may answer in its place. */
export const startWatchedProxy = async ({ target, instead = () => null }: WatchedProxyOptions) => {
  const seen: Watched[] = []
  const { hostname, port } = new URL(target)
  const sockets = new Set<Duplex>()

  const note = ({ method = '', url = '', rawHeaders }: IncomingMessage, body: string) => {
    seen.push({ method, path: url, bytes: `${method} ${url}\n${rawHeaders.join('\n')}\n\n${body}` })
    return instead(method, seen.length)
  }
  const pass = (incoming: IncomingMessage, body: Buffer, response: ServerResponse) => {
    const { method, url, headers } = incoming
    const onward = ask({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('error', () => response.destroy()).pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    onward.end(body)
  }
  const server = createServer(async (incoming, response) => {
    response.on('error', () => {}) // the client may leave at any time
    const body = Buffer.concat(await incoming.toArray().catch(() => []))
    const answer = note(incoming, body.toString())
    if (answer === 'silence') return
    if (answer === 'cut') incoming.socket.destroy()
    else if (answer) response.writeHead(answer.status, answer.headers).end(answer.body)
    else pass(incoming, body, response)
  })
  server.on('upgrade', (incoming, client) => {
    sockets.add(client.on('error', () => {}).on('close', () => sockets.delete(client)))
    const answer = note(incoming, '')
    if (answer === 'silence') return
    if (answer === 'cut') return void client.destroy()
    if (answer) {
      const lines = Object.entries({ ...answer.headers, 'content-length': '0' }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      )
      return void client.end(`HTTP/1.1 ${answer.status} No\r\n${lines.join('')}\r\n`)
    }
    const onward = connect(Number(port), hostname)
    sockets.add(onward.on('error', () => client.destroy()).on('close', () => client.destroy()))
    const headers = incoming.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
    onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers}\r\n`)
    // frames of a client are masked: as text they would hide what is in them
    client.on('data', (frame: Buffer) =>
      seen.push({ method: 'FRAME', path: incoming.url ?? '', bytes: unmasked(frame) }),
    )
    client.pipe(onward).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = (server.address() as AddressInfo).port // it listens on a port
  return {
    origin: `http://127.0.0.1:${own}`,
    seen,
    /** connections that are open now */
    connections: (): Promise<number> =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The text of the frames in these bytes, as far as they are whole (RFC 6455, 5.2; none is longer than 64 KiB here). */
const unmasked = (bytes: Buffer): string => {
  let text = ''
  for (let at = 0; at + 6 <= bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 127
    const long = short === 126
    const length = long ? bytes.readUInt16BE(at + 2) : short
    const mask = bytes.subarray(at + (long ? 4 : 2), at + (long ? 8 : 6))
    const start = at + (long ? 8 : 6)
    for (let i = start; i < Math.min(start + length, bytes.length); i++)
      text += String.fromCharCode((bytes[i] ?? 0) ^ (mask[(i - start) % 4] ?? 0))
    at = start + length
  }
  return text
}

/** Takes connections, and whatever is said to it; has nothing for anybody. */
export const startTrap = async () => {
  const heard: string[] = []
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    heard.push('a connection')
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      heard.push(bytes.toString('latin1'))
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
    })
  })
  server.listen(0)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    heard,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
