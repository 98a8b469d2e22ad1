import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createSocketServer, type SocketBehaviour } from './lmStudioSocketServer.ts'
import { createLmStudioWorld, type FakeLmModel } from './lmStudioWorld.ts'
import { misbehaveLikeOpenAi, type OpenAiBehaviour, textEvent } from './openAiBehaviour.ts'
import { type Handler, type SeenRequest, sendError, sendEvents, sendJson } from './openAiServer.ts'

export interface LmStudioServerOptions {
  readonly models?: readonly FakeLmModel[]
  /** by path */
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>>
  /** by namespace, or by `namespace/endpoint` */
  readonly socket?: Readonly<Record<string, SocketBehaviour>>
  readonly token?: string
  readonly version?: string
  /** 0.3: no /api/v1 */
  readonly old?: boolean
  readonly port?: number
}

type DownloadAnswer = Readonly<Record<string, unknown>>

/** A small LM Studio 0.4 by its documentation and by the frames of its SDK, which lies on request. */
export const startLmStudioServer = async (options: LmStudioServerOptions = {}) => {
  const world = createLmStudioWorld(options.models ?? [{ key: 'tiny' }])
  const behaviour: Record<string, OpenAiBehaviour | undefined> = { ...options.behaviour }
  const socketBehaviour: Record<string, SocketBehaviour | undefined> = { ...options.socket }
  const token = options.token ?? null
  const requests: SeenRequest[] = []
  const aborted: SeenRequest[] = []
  /** what looks at a download answer, one after the other; the last stays */
  const state = { download: [] as DownloadAnswer[], onDownloaded: () => {} }
  const sockets = createSocketServer({ world, behaviour: socketBehaviour, token, version: options.version ?? '0.4.2' })

  const listed = (model: FakeLmModel) => {
    const isLlm = (model.type ?? 'llm') === 'llm'
    return {
      type: model.type ?? 'llm',
      publisher: 'someone',
      key: model.key,
      display_name: model.name ?? model.key,
      ...(isLlm && {
        architecture: 'llama',
        capabilities: {
          vision: model.vision ?? false,
          trained_for_tool_use: model.tools ?? false,
          ...(model.reasoning && { reasoning: { allowed_options: ['off', 'on'], default: 'on' } }),
        },
        description: null,
      }),
      quantization: model.quantization === undefined ? { name: 'Q4_K_M', bits_per_weight: 4 } : model.quantization,
      size_bytes: model.sizeBytes ?? 1_000_000,
      params_string: model.params === undefined ? '1B' : model.params,
      loaded_instances: world.state.instances
        .filter(({ key }) => key === model.key)
        .map(({ id, contextLength }) => ({
          id,
          config: isLlm
            ? { context_length: contextLength, eval_batch_size: 512, parallel: 4, flash_attention: true }
            : { context_length: contextLength },
        })),
      max_context_length: model.maxContext ?? 8192,
      format: model.format === undefined ? 'gguf' : model.format,
    }
  }

  const load: Handler = async ({ body }, response) => {
    const model = world.find(body.model)
    if (model === undefined)
      return sendError(response, 404, `Model ${JSON.stringify(body.model)} not found`, { type: 'model_not_found' })
    await world.held.get('load')
    const wish = typeof body.context_length === 'number' ? { contextLength: body.context_length } : {}
    const { id } = world.load(model.key, wish)
    sendJson(response, { type: 'llm', instance_id: id, load_time_seconds: 1.5, status: 'loaded' })
  }

  const unload: Handler = async ({ body }, response) => {
    await world.held.get('unload')
    const id = String(body.instance_id)
    if (world.unload(id)) return sendJson(response, { instance_id: id })
    sendError(response, 404, `No instance ${id}`, { type: 'model_not_found' })
  }

  const look = (): DownloadAnswer => {
    const [now = { job_id: 'job_1', status: 'completed' }] = state.download
    if (state.download.length > 1) state.download.shift()
    if (now.status === 'completed') state.onDownloaded()
    return now
  }

  /** As with just-in-time loading: what is asked by its key and not loaded is loaded once more. */
  const serving = (name: unknown): boolean => {
    if (world.state.instances.some(({ id }) => id === name)) return true
    const model = world.find(name)
    if (model !== undefined) world.load(model.key)
    return model !== undefined
  }
  const chat: Handler = async ({ body }, response) => {
    if (!serving(body.model)) return sendError(response, 404, 'Model not found', { type: 'model_not_found' })
    const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }
    const asked = JSON.stringify(body.stream_options) === '{"include_usage":true}'
    const thought = JSON.stringify({
      choices: [{ index: 0, delta: { reasoning_content: 'Hm.' }, finish_reason: null }],
    })
    const figures = asked ? [JSON.stringify({ choices: [], usage })] : []
    await sendEvents(response, [
      thought,
      textEvent('Hello'),
      textEvent('.'),
      textEvent('', 'stop'),
      ...figures,
      '[DONE]',
    ])
  }
  const embed: Handler = ({ body }, response) => {
    if (!serving(body.model)) return sendError(response, 404, 'Model not found', { type: 'model_not_found' })
    const texts = Array.isArray(body.input) ? body.input : [body.input]
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: [String(text).length, 0.5] }))
    sendJson(response, { object: 'list', data, model: body.model, usage: { prompt_tokens: 4, total_tokens: 4 } })
  }

  const v1: Readonly<Record<string, Handler>> = {
    'GET /api/v1/models': (_, response) => sendJson(response, { models: world.state.models.map(listed) }),
    'POST /api/v1/models/load': load,
    'POST /api/v1/models/unload': unload,
    'POST /api/v1/models/download': (_, response) => sendJson(response, look()),
    'GET /api/v1/models/download/status/job_1': (_, response) => sendJson(response, look()),
  }
  const routes: Readonly<Record<string, Handler>> = {
    ...(options.old ? {} : v1),
    'GET /lmstudio-greeting': (_, response) => sendJson(response, { lmstudio: true }),
    'POST /v1/chat/completions': chat,
    'POST /v1/embeddings': embed,
  }

  const answer = (request: SeenRequest, response: ServerResponse): void | Promise<void> => {
    const { method, path, headers } = request
    if (token !== null && path !== '/lmstudio-greeting' && headers.authorization !== `Bearer ${token}`)
      return sendError(response, 401, `Malformed LM Studio API token provided: ${headers.authorization}`)
    const handler = routes[`${method} ${path}`]
    if (handler) return handler(request, response)
    sendJson(response, { error: `Unexpected endpoint or method. (${method} ${path}). Returning 200 anyway` })
  }

  const server = createServer(async (incoming, response) => {
    response.on('error', () => {}) // the client may leave at any time
    const request = await read(incoming)
    requests.push(request)
    response.on('close', () => {
      if (!response.writableEnded) aborted.push(request)
    })
    const how = behaviour[request.path]
    await (how === undefined
      ? answer(request, response)
      : misbehaveLikeOpenAi(how, response, () => answer(request, response)))
  })
  const streams = new Set<Socket>()
  server.on('connection', (stream) => {
    streams.add(stream)
    stream.on('close', () => streams.delete(stream))
  })
  server.on('upgrade', sockets.upgrade)
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    world,
    behaviour,
    socketBehaviour,
    requests,
    aborted,
    socket: sockets.seen,
    state,
    paths: () => requests.map(({ method, path }) => `${method} ${path}`),
    loaded: () => world.state.instances.map(({ id }) => id),
    /** May be called again. */
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      sockets.close()
      for (const stream of streams) stream.destroy() // those that wait for an upgrade are not the server's any more
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
