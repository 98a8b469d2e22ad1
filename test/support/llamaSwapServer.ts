import type { ServerResponse } from 'node:http'
import { type OpenAiBehaviour, textEvent } from './openAiBehaviour.ts'
import { type Handler, sendEvents, sendJson, startLyingServer } from './openAiServer.ts'

interface SwapModel {
  readonly id: string
  readonly cmd?: string
  readonly ttl?: number
  readonly type?: 'model' | 'alias' | 'peer' | 'selector' | 'profile'
  /** more of its entry in the list */
  readonly more?: Readonly<Record<string, unknown>>
}

export interface LlamaSwapOptions {
  readonly models?: readonly SwapModel[]
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>>
  readonly key?: string
  readonly port?: number
  /** a version without the routes of counters */
  readonly older?: boolean
}

const stats = {
  total_requests: 12,
  total_input_tokens: 3_400,
  total_output_tokens: 560,
  total_cache_tokens: 70,
  prompt_histogram: null,
  gen_histogram: { bins: [12], min: 40, max: 40, binSize: 0, p50: 40, p95: 44.5, p99: 45 },
}
const row = {
  id: 1,
  timestamp: '2026-10-01T10:00:00.123Z',
  model: 'tiny',
  req_path: '/v1/chat/completions',
  resp_status_code: 200,
  duration_ms: 1_500,
  tokens: { input_tokens: 9, output_tokens: 3, tokens_per_second: 41.25, cache_tokens: -1 },
  error_msg: 'sk-canary',
}

/** A small server that speaks as llama-swap v250 does, and lies on request. `state` may be changed while it runs. */
export const startLlamaSwapServer = async (options: LlamaSwapOptions = {}) => {
  const models = options.models ?? [{ id: 'tiny', cmd: 'llama-server --port 5800 -m /models/tiny.gguf -c 8192' }]
  const state = {
    running: new Map<string, 'starting' | 'ready' | 'stopping'>(),
    /** `held`: until `finishStart` is called */
    start: 'works' as 'works' | 'fails' | 'held' | 'vanishes',
    stop: 'works' as 'works' | 'held',
    /** what the server of a model answers on its own page */
    page: { status: 200, body: '<h1>llama.cpp</h1>' },
    answer: ['Hello', ' there', '.'],
    requestsAtOnce: Number.POSITIVE_INFINITY,
  }
  const starting = new Map<string, PromiseWithResolvers<void>>()

  const fault = (response: ServerResponse, status: number, message: string, code: string | null = null) =>
    sendJson(
      response,
      { src: 'llama-swap', error: { message, type: 'invalid_request_error', param: null, code } },
      status,
    )
  const find = (id: unknown) => models.find((model) => model.id === id)

  /** Resolves when it runs; false: it does not. */
  const run = async (id: string): Promise<boolean> => {
    if (state.running.get(id) === 'ready') return true
    state.running.set(id, 'starting')
    if (state.start === 'held') {
      const held = Promise.withResolvers<void>()
      starting.set(id, held)
      await held.promise
    }
    if (state.start === 'fails' || state.start === 'vanishes' || !state.running.has(id)) {
      state.running.delete(id)
      return state.start === 'vanishes'
    }
    state.running.set(id, 'ready')
    return true
  }
  const finishStart = (id: string) => starting.get(id)?.resolve()

  const upstream: Handler = async ({ path }, response) => {
    const id = decodeURIComponent(path.replace(/^\/upstream\//, '').replace(/\/$/, ''))
    if (find(id) === undefined) return fault(response, 404, 'model not found')
    const failed = 'unable to start process: exec: "llama-server --api-key canary": not found'
    if (!(await run(id))) return fault(response, 500, failed)
    response.writeHead(state.page.status, { 'content-type': 'text/html' }).end(state.page.body)
  }
  const unload: Handler = ({ path }, response) => {
    const id = decodeURIComponent(path.replace('/api/models/unload/', ''))
    if (find(id) === undefined) return fault(response, 404, 'model not found')
    if (state.stop === 'works') state.running.delete(id)
    else state.running.set(id, 'stopping')
    finishStart(id)
    response.writeHead(200, { 'content-type': 'text/plain' }).end('OK')
  }
  const infer =
    (handler: Handler): Handler =>
    async (request, response) => {
      const id = request.body.model
      if (typeof id !== 'string' || find(id) === undefined)
        return fault(response, 404, 'no router for requested model', 'model_not_found')
      if (state.requestsAtOnce < 1) {
        response.setHeader('retry-after', '1')
        return fault(response, 429, 'too many requests', 'concurrency_limit')
      }
      await run(id)
      return handler(request, response)
    }
  const list = () =>
    models.map(({ id, type = 'model', more }) => ({
      id,
      object: 'model',
      created: Math.floor(Date.now() / 1000),
      owned_by: 'llama-swap',
      meta: { llamaswap: { type } },
      status: { value: state.running.has(id) ? 'loaded' : 'unloaded' },
      ...more,
    }))
  const running = () =>
    [...state.running].map(([id, current]) => {
      const { cmd = 'serve', ttl = 300 } = find(id) ?? {}
      return { model: id, state: current, cmd, proxy: 'http://localhost:5800', ttl, name: '', description: '' }
    })

  const server = await startLyingServer({
    routes: {
      'GET /api/version': (_, response) =>
        sendJson(response, { version: 'v250', commit: 'abc1234', build_date: '2026-08-22T00:00:00Z' }),
      'GET /v1/models': (_, response) => sendJson(response, { object: 'list', data: list() }),
      'GET /running': (_, response) => sendJson(response, { running: running() }),
      'GET /upstream/*': upstream,
      'POST /api/models/unload/*': unload,
      'POST /v1/chat/completions': infer((_, response) =>
        sendEvents(response, [...state.answer.map((word) => textEvent(word)), textEvent('', 'stop'), '[DONE]']),
      ),
      'POST /v1/embeddings': infer(({ body }, response) => {
        const texts = Array.isArray(body.input) ? body.input : [body.input]
        sendJson(response, { data: texts.map((text, index) => ({ index, embedding: [String(text).length, 0.5] })) })
      }),
      ...(!options.older && {
        'GET /api/metrics/stats': (_, response) => sendJson(response, stats),
        'GET /api/metrics/activity': (_, response) => sendJson(response, { data: [row], page: 1, total: 1 }),
      }),
    },
    behaviour: options.behaviour,
    key: options.key,
    port: options.port,
  })
  return { ...server, state, finishStart }
}
