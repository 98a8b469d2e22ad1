import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { misbehaveLikeOpenAi, type OpenAiBehaviour, textEvent } from './openAiBehaviour.ts'

export type SeenRequest = {
  readonly method: string
  /** without the query */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}
export type Handler = (request: SeenRequest, response: ServerResponse) => void | Promise<void>

export interface LyingServerOptions {
  /** by `GET /v1/models`; a path that ends in `*` stands for all that begin so */
  readonly routes: Readonly<Record<string, Handler>>
  /** by path, as the routes; whatever the method */
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>> | undefined
  /** without this bearer token every path is 401 */
  readonly key?: string | undefined
  readonly port?: number | undefined
}

export const sendJson = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
export const sendError = (response: ServerResponse, status: number, message: string, more: object = {}): void =>
  sendJson(response, { error: { message, type: null, param: null, code: null, ...more } }, status)
export const sendEvents = async (response: ServerResponse, events: readonly string[], pauseMs = 0) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const data of events) {
    response.write(`data: ${data}\n\n`)
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  response.end()
}

/** A server of these routes, each of which may lie on request; `behaviour` may be changed while it runs. */
export const startLyingServer = async ({ routes, key, port, ...options }: LyingServerOptions) => {
  const behaviour: Record<string, OpenAiBehaviour | undefined> = { ...options.behaviour }
  const requests: SeenRequest[] = []
  /** requests whose client went away before the answer was whole */
  const aborted: SeenRequest[] = []

  const find = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
    table[name] ?? Object.entries(table).find(([each]) => each.endsWith('*') && name.startsWith(each.slice(0, -1)))?.[1]

  const server = createServer(async (incoming, response) => {
    response.on('error', () => {}) // the client may leave at any time
    const request = await read(incoming)
    requests.push(request)
    response.on('close', () => {
      if (!response.writableEnded) aborted.push(request)
    })
    const { method, path, headers } = request
    const handler = find(routes, `${method} ${path}`)
    const normal = (): void | Promise<void> => {
      if (key !== undefined && headers.authorization !== `Bearer ${key}`)
        return sendError(response, 401, `Invalid API key: ${headers.authorization}`, { type: 'authentication_error' })
      return handler ? handler(request, response) : sendError(response, 404, 'File Not Found', { code: 404 })
    }
    const how = find(behaviour, path)
    await (how === undefined ? normal() : misbehaveLikeOpenAi(how, response, normal))
  })
  server.listen(port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const at = (server.address() as AddressInfo).port // it listens on a port
  return {
    url: `http://127.0.0.1:${at}`,
    port: at,
    requests,
    aborted,
    behaviour,
    paths: () => requests.map(({ method, path }) => `${method} ${path}`),
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const read = async (incoming: IncomingMessage): Promise<SeenRequest> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://x')
  const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text)
  return { method: incoming.method ?? '', path: pathname, query: searchParams, headers: incoming.headers, body }
}

export interface OpenAiServerOptions {
  /** items of the list; of a text only the id is told */
  readonly models?: readonly (string | Readonly<Record<string, unknown>>)[]
  /** before every path: `/v1` by default */
  readonly prefix?: string
  readonly ownedBy?: string
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>>
  readonly key?: string
  readonly port?: number
}

/** A small OpenAI-style server by gateways.md, which may be told to lie. `state` may be changed while it runs. */
export const startOpenAiServer = async (options: OpenAiServerOptions = {}) => {
  const { prefix = '/v1', ownedBy = 'me', models = ['tiny'], behaviour, key, port } = options
  const state = { answer: ['Hello', ' there', '.'], usage: { prompt_tokens: 9, completion_tokens: 3 }, pauseMs: 0 }
  const items = models.map((model) => ({
    object: 'model',
    created: 1_755_600_000,
    owned_by: ownedBy,
    ...(typeof model === 'string' ? { id: model } : model),
  }))
  const known = (name: unknown) => items.some((item) => 'id' in item && item.id === name)
  const missing = (response: ServerResponse, name: unknown) =>
    sendError(response, 404, `The model ${JSON.stringify(name)} does not exist`, { code: 'model_not_found' })

  const chat: Handler = async ({ body }, response) => {
    if (!known(body.model)) return missing(response, body.model)
    const limit = typeof body.max_tokens === 'number' ? body.max_tokens : Number.POSITIVE_INFINITY
    const words = state.answer.slice(0, limit)
    const asksUsage = JSON.stringify(body.stream_options) === '{"include_usage":true}'
    await sendEvents(
      response,
      [
        JSON.stringify({ choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }] }),
        ...words.map((word) => textEvent(word)),
        textEvent('', words.length < state.answer.length ? 'length' : 'stop'),
        ...(asksUsage ? [JSON.stringify({ choices: [], usage: state.usage })] : []),
        '[DONE]',
      ],
      state.pauseMs,
    )
  }
  const embed: Handler = ({ body }, response) => {
    if (!known(body.model)) return missing(response, body.model)
    const texts = Array.isArray(body.input) ? body.input : [body.input]
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: [String(text).length, 0.5] }))
    const usage = { prompt_tokens: 8, total_tokens: 8 }
    sendJson(response, { object: 'list', model: body.model, data: data.toReversed(), usage })
  }
  const server = await startLyingServer({
    routes: {
      [`GET ${prefix}/models`]: (_, response) => sendJson(response, { object: 'list', data: items }),
      [`POST ${prefix}/chat/completions`]: chat,
      [`POST ${prefix}/embeddings`]: embed,
    },
    behaviour,
    key,
    port,
  })
  return { ...server, state }
}
