import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const chunkBytes = 128 * 1024

/**
 * A registry with one model, `<host>/berth/remote`, that a real Ollama can pull with `insecure`. As Ollama expects it, a blob
 * redirects to another host name, and is answered in ranges.
 * @param waitMs before each chunk of a blob, to be changed while it runs; `damaged` sends weights that their digest does not fit
 */
export const startOllamaRegistry = async (weights: Buffer, waitMs: number) => {
  const config = Buffer.from(
    JSON.stringify({
      model_format: 'gguf',
      model_family: 'llama',
      model_families: ['llama'],
      model_type: '5.51M',
      file_type: 'Q4_0',
      architecture: 'amd64',
      os: 'linux',
      base_name: randomUUID(), // a blob of its own: what a damaged download leaves must not reach other tests
    }),
  )
  const blobs = new Map([weights, config].map((bytes) => [digestOf(bytes), bytes]))
  const described = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: described('application/vnd.docker.container.image.v1+json', config),
    layers: [described('application/vnd.ollama.image.model', weights)],
  })
  const state = { waitMs, servedBytes: 0, damaged: false }

  const sendRange = async (bytes: Buffer, range: string | undefined, response: ServerResponse) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)?$/.exec(range ?? '') ?? []
    const start = Number(from ?? 0)
    const end = to === undefined ? bytes.length : Number(to) + 1
    response.writeHead(from === undefined ? 200 : 206, {
      'content-length': end - start,
      'content-range': `bytes ${start}-${end - 1}/${bytes.length}`,
    })
    for (let at = start; at < end && !response.destroyed; at += chunkBytes) {
      const chunk = bytes.subarray(at, Math.min(end, at + chunkBytes))
      if (chunk.length > 10_000) await delay(state.waitMs)
      state.servedBytes += chunk.length
      response.write(state.damaged && bytes === weights ? Buffer.alloc(chunk.length) : chunk)
    }
    response.end()
  }

  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const digest = /(sha256:[0-9a-f]{64})$/.exec(path)?.[1] ?? ''
    const bytes = blobs.get(digest)
    if (path === '/v2/berth/remote/manifests/latest') return void response.end(manifest)
    if (bytes === undefined) return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
    if (request.method === 'HEAD') return void response.writeHead(200, { 'content-length': bytes.length }).end()
    if (path.startsWith('/v2/')) {
      const location = `http://localhost:${request.socket.localPort}/blob/${digest}`
      return void response.writeHead(307, { location }).end()
    }
    sendRange(bytes, request.headers.range, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the registry has no port')
  return { host: `127.0.0.1:${address.port}`, state }
}
