import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Behaviour, misbehave } from './ollamaBehaviour.ts'

/** JSON, or another way to answer. */
export type PathAnswer = { readonly json: unknown; readonly status?: number } | { readonly text: string } | Behaviour
/** By path without query; `*` is for every other one, which is a 404 where it is left out. */
export type PathAnswers = Readonly<Record<string, PathAnswer>>

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | null
}

/** A server on a free port, of loopback unless said otherwise, that says what it is told to, until the test ends. */
export const startAnsweringServer = async (answers: PathAnswers, port = 0, host = '127.0.0.1') => {
  const requests: SeenRequest[] = []
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://server').pathname
    requests.push({ method: request.method ?? '', path, authorization: request.headers.authorization ?? null })
    const answer = answers[path] ?? answers['*']
    const json = (status: number, body: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (answer === undefined) json(404, { error: 'not found' })
    else if (typeof answer === 'object' && 'json' in answer) json(answer.status ?? 200, answer.json)
    else if (typeof answer === 'object' && 'text' in answer)
      response.writeHead(200, { 'content-type': 'text/plain' }).end(answer.text)
    else misbehave(answer, response, () => {}).catch(() => response.destroy())
  })
  server.listen(port, host)
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const { port: taken } = server.address() as AddressInfo // it listens on a port
  return { port: taken, address: `http://${host}:${taken}`, requests }
}

/** A port on which nobody can listen until the test ends: a connection of ours goes out of it. */
export const deadPort = async (): Promise<number> => {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: listening } = server.address() as AddressInfo // it listens on a port
  const holder = connect(listening, '127.0.0.1')
  const [[other]] = await Promise.all([once(server, 'connection'), once(holder, 'connect')])
  onTestFinished(() => {
    holder.destroy()
    other.destroy()
    server.close()
  })
  return holder.localPort ?? 0
}

const list = (owner: string, ...ids: string[]) => ({
  json: { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1, owned_by: owner })) },
})
const page = 'html' as const

/** What each kind of server says of itself, by its protocol. */
export const kindAnswers = {
  ollama: {
    '/': { text: 'Ollama is running' },
    '/api/version': { json: { version: '0.32.15' } },
    '/v1/models': list('library', 'tiny:latest'),
  },
  /** every path and method is a 200 */
  lmstudio: {
    '/lmstudio-greeting': { json: { lmstudio: true } },
    '/v1/models': list('organization_owner', 'google/gemma'),
    '*': { json: { error: 'Unexpected endpoint or method. (GET /x). Returning 200 anyway' } },
  },
  /** a path that it does not know is its web page, with 200 */
  lemonade: {
    '/live': { json: { status: 'ok' } },
    '/v1/health': { json: { status: 'ok', version: '2026.39.1-2', model_loaded: null, all_models_loaded: [] } },
    '/api/version': { json: { version: '0.16.1' } },
    '/v1/models': list('lemonade', 'tiny'),
    '*': page,
  },
  'lemonade with a key': {
    '/live': { json: { status: 'ok' } },
    '/v1/health': { json: { error: 'Invalid or missing API key' }, status: 401 },
    '/v1/models': { json: { error: 'Invalid or missing API key' }, status: 401 },
    '/api/version': { json: { error: 'Invalid or missing API key' }, status: 401 },
    '*': page,
  },
  'llama-server': {
    '/': page,
    '/health': { json: { status: 'ok' } },
    '/v1/health': { json: { status: 'ok' } },
    '/props': { json: { default_generation_settings: { n_ctx: 4096 }, total_slots: 4, build_info: 'b11669-Debian' } },
    '/v1/models': list('llamacpp', 'tiny'),
  },
  'llama-server router': {
    '/': page,
    '/health': { json: { status: 'ok' } },
    '/props': { json: { role: 'router', max_instances: 4, build_info: 'b11669-Debian' } },
    '/v1/models': list('llamacpp', 'tiny'),
  },
  'llama-server loading': {
    '/': page,
    '*': { json: { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, status: 503 },
  },
  'llama-server with a key': {
    '/': page,
    '/health': { json: { status: 'ok' } },
    '/v1/health': { json: { status: 'ok' } },
    '*': { json: { error: { code: 401, message: 'Invalid API Key', type: 'authentication_error' } }, status: 401 },
  },
  'llama-swap': {
    '/': { redirect: '/ui/' },
    '/health': { text: 'OK' },
    '/api/version': { json: { version: 'v250', commit: 'abc1234', build_date: '2026-08-22' } },
    '/running': { json: { running: [] } },
    '/v1/models': list('llama-swap', 'qwen3-8b'),
  },
  'llama-swap with a key': {
    '/health': { text: 'OK' },
    '*': { json: { src: 'llama-swap', error: { message: 'unauthorized', type: 'authentication_error' } }, status: 401 },
  },
  vllm: {
    '/health': { text: '' },
    '/version': { json: { version: '0.32.0' } },
    '/v1/models': list('vllm', 'Qwen/Qwen3-8B'),
  },
  'vllm with a key': {
    '/health': { text: '' },
    '/version': { json: { version: '0.32.0' } },
    '/v1/models': { json: { error: 'Unauthorized' }, status: 401 },
  },
  openai: { '/v1/models': list('me', 'm') },
  litellm: {
    '/health/liveliness': { json: "I'm alive!" },
    '/v1/models': { json: { error: { message: 'No api key passed in.', type: 'auth_error' } }, status: 401 },
  },
} as const satisfies Record<string, PathAnswers>
