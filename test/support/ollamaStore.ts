import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FakeModel, FakeRequest } from './ollamaServer.ts'

/** What can be pulled: `bytes` of each layer, by the order in which they come. */
export interface RegistryModel {
  readonly name: string
  readonly layers: readonly { readonly digest: string; readonly bytes: number }[]
}

export interface StoreDeps {
  readonly models: FakeModel[]
  readonly find: (name: unknown) => FakeModel | undefined
  /** as it is listed */
  readonly full: (name: string) => string
  readonly reply: (response: ServerResponse, status: number, body: unknown) => void
  /** resolves when requests of this kind may go on */
  readonly free: (what: string) => Promise<void> | undefined
}

/** Layers below this many bytes give no line of progress. */
const smallBytes = 1000
const namePattern = /^([\w.:-]+\/)?([\w-]+\/)?[\w.-]+(:[\w.-]+)?$/
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The part of the server that changes its models: pull, push, create, copy, delete, blobs. */
export const createOllamaStore = ({ models, find, full, reply, free }: StoreDeps) => {
  const blobs = new Map<string, Buffer>()
  /** bytes of each layer that are on the disk, complete or not */
  const fetched = new Map<string, number>()
  const state = { registry: [] as RegistryModel[], offline: false, uploads: 0 }

  const stream = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    return (fields: object) => response.write(`${JSON.stringify(fields)}\n`)
  }
  const dial = (host: string) => `Get "https://${host}/v2/": dial tcp: lookup ${host} on 10.0.0.1:53: no such host`

  const pull = async ({ body }: FakeRequest, response: ServerResponse) => {
    const line = stream(response)
    const end = (error: string) => void response.end(`${JSON.stringify({ error })}\n`)
    line({ status: 'pulling manifest' })
    if (state.offline) return end(`pull model manifest: ${dial('registry.ollama.ai')}`)
    const remote = state.registry.find(({ name }) => full(name) === full(String(body.model)))
    if (remote === undefined) return end('pull model manifest: file does not exist')
    for (const { digest, bytes } of remote.layers) {
      if (bytes < smallBytes) continue
      const fields = { status: `pulling ${digest.slice(7, 19)}`, digest, total: bytes }
      const step = Math.ceil(bytes / 4)
      line({ ...fields, ...(fetched.get(digest) && { completed: fetched.get(digest) }) }) // zero is left out
      // the last line of a layer does not reach its total
      for (let done = (fetched.get(digest) ?? 0) + step; done < bytes; done += step) {
        await free('next line')
        if (response.destroyed) return
        fetched.set(digest, done)
        line({ ...fields, completed: done })
      }
      fetched.set(digest, bytes)
    }
    for (const status of ['verifying sha256 digest', 'writing manifest', 'success']) line({ status })
    models.push({ name: full(String(body.model)), sizeBytes: remote.layers.reduce((sum, { bytes }) => sum + bytes, 0) })
    response.end()
  }

  const push = async ({ body }: FakeRequest, response: ServerResponse) => {
    const line = stream(response)
    line({ status: 'retrieving manifest' })
    const model = find(body.model)
    if (state.offline) return void response.end(`${JSON.stringify({ error: dial('registry.ollama.ai') })}\n`)
    if (model === undefined) {
      line({ status: "couldn't retrieve manifest" })
      return void response.end('{"error":"open /models/manifests/x: no such file or directory"}\n')
    }
    const layer = { status: 'pushing 0123456789ab', digest: `sha256:0123456789ab${'0'.repeat(52)}`, total: 4000 }
    line({ status: 'starting upload' })
    line(layer)
    await free('next line')
    line({ ...layer, completed: 2000 })
    line({ status: 'pushing manifest' })
    line({ status: 'success' })
    response.end()
  }

  const create = async ({ body }: FakeRequest, response: ServerResponse) => {
    const { model, from, files } = body as { model: string; from?: string; files?: Record<string, string> }
    if (from === undefined && files === undefined)
      return reply(response, 400, { error: "neither 'from' or 'files' was specified" })
    const line = stream(response)
    const missing = Object.values(files ?? {}).find((digest) => !blobs.has(digest))
    if (missing !== undefined)
      return void response.end(
        `${JSON.stringify({ error: `open /models/blobs/${missing}: no such file or directory` })}\n`,
      )
    if (body.quantize !== undefined && from !== undefined)
      return void response.end('{"error":"quantization is only supported for F16, BF16 and F32 models"}\n')
    line({ status: files === undefined ? 'using existing layer sha256:aaaaaaaaaaaaaaaa' : 'parsing GGUF' })
    if (body.quantize !== undefined)
      line({
        status: `quantizing F16 model to ${body.quantize}`,
        digest: '0000000000000000000',
        total: 200,
        completed: 50,
      })
    await free('next line')
    if (response.destroyed) return
    line({ status: 'writing manifest' })
    line({ status: 'success' })
    const base = from === undefined ? undefined : find(from)
    models.push({
      ...base,
      name: full(model),
      weights: base?.weights ?? base?.name ?? Object.values(files ?? {}).join(),
    })
    response.end()
  }

  const copy = ({ body }: FakeRequest, response: ServerResponse) => {
    if (!namePattern.test(String(body.destination)))
      return reply(response, 400, { error: `destination "${body.destination}" is invalid` })
    const source = find(body.source)
    if (source === undefined) return reply(response, 404, { error: `model "${body.source}" not found` })
    models.push({ ...source, name: full(String(body.destination)), weights: source.weights ?? full(source.name) })
    response.writeHead(200).end()
  }

  const remove = ({ body }: FakeRequest, response: ServerResponse) => {
    const model = find(body.model)
    if (model === undefined) return reply(response, 404, { error: `model '${body.model}' not found` })
    models.splice(models.indexOf(model), 1)
    response.writeHead(200).end()
  }

  const upload = async (digest: string, incoming: IncomingMessage, response: ServerResponse) => {
    if (blobs.has(digest)) {
      response.writeHead(200, { connection: 'close' }).end() // as Ollama does: the body is not read
      return void response.socket?.destroySoon()
    }
    const chunks: Buffer[] = []
    for await (const chunk of incoming) {
      chunks.push(chunk)
      await free('next chunk')
    }
    const bytes = Buffer.concat(chunks)
    const got = `sha256:${sha256(bytes)}`
    blobs.set(got, bytes)
    state.uploads++
    if (got === digest) return void response.writeHead(201).end()
    reply(response, 400, { error: `digest mismatch, expected "${digest}", got "${got}"` })
  }

  return {
    blobs,
    fetched,
    state,
    /** Null: it is another path. */
    answer: (
      request: FakeRequest,
      incoming: IncomingMessage,
      response: ServerResponse,
    ): void | Promise<void> | null => {
      const { method, path } = request
      const digest = /^\/api\/blobs\/(sha256:[0-9a-f]{64})$/.exec(path)?.[1]
      if (digest !== undefined && method === 'HEAD') return void response.writeHead(blobs.has(digest) ? 200 : 404).end()
      if (digest !== undefined) return upload(digest, incoming, response)
      switch (`${method} ${path}`) {
        case 'POST /api/pull':
          return pull(request, response)
        case 'POST /api/push':
          return push(request, response)
        case 'POST /api/create':
          return create(request, response)
        case 'POST /api/copy':
          return copy(request, response)
        case 'DELETE /api/delete':
          return remove(request, response)
        default:
          return null
      }
    },
  }
}
