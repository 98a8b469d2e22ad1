import { createLlamaProcess, type ProcessOptions } from './llamaServerProcess.ts'
import type { OpenAiBehaviour } from './openAiBehaviour.ts'
import { type Handler, sendError, sendJson, startLyingServer } from './openAiServer.ts'

export interface LlamaServerOptions extends ProcessOptions {
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>>
  readonly key?: string
  readonly port?: number
}

/** A small server that speaks as llama-server with one model does, and lies on request. */
export const startLlamaServer = async ({ behaviour, key, port, ...options }: LlamaServerOptions = {}) => {
  const process = createLlamaProcess(options)
  const { state } = process
  const unlessLoading =
    (handler: Handler): Handler =>
    (request, response) =>
      state.loading
        ? sendError(response, 503, 'Loading model', { type: 'unavailable_error', code: 503 })
        : handler(request, response)
  const list: Handler = (_, response) =>
    sendJson(response, {
      object: 'list',
      models: [{ name: process.id, capabilities: ['completion'] }],
      data: [{ ...process.item, meta: process.meta }],
    })
  const routes = { ...process.routes, 'GET /models': list, 'GET /v1/models': list }
  const server = await startLyingServer({
    routes: Object.fromEntries(Object.entries(routes).map(([route, handler]) => [route, unlessLoading(handler)])),
    behaviour,
    key,
    port,
  })
  return { ...server, state }
}
