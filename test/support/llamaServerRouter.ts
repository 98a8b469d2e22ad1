import type { ServerResponse } from 'node:http'
import { createLlamaProcess, type LlamaProcess, type ProcessOptions } from './llamaServerProcess.ts'
import type { OpenAiBehaviour } from './openAiBehaviour.ts'
import { type Handler, type SeenRequest, sendError, sendJson, startLyingServer } from './openAiServer.ts'

interface RoutedModel extends ProcessOptions {
  readonly id: string
  readonly canRemove?: boolean
  /** of its process, beside what its options say */
  readonly args?: readonly string[]
}

export interface RouterOptions {
  readonly models?: readonly RoutedModel[]
  /** without it, as in older builds, there is no stream of events */
  readonly noEvents?: boolean
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>>
  readonly key?: string
}

interface Routed {
  value: string
  failed: boolean
  exitCode: number | null
  progress: object | null
  readonly canRemove: boolean
  readonly args: readonly string[]
  readonly process: LlamaProcess
}

const routed = ({ canRemove = false, args = [], ...options }: RoutedModel): Routed => {
  const embeddings = options.embeddings === undefined ? [] : ['--embeddings']
  const path = `/models/${options.id}.gguf`
  const process = createLlamaProcess({ path, ...options })
  return {
    value: 'unloaded',
    failed: false,
    exitCode: null,
    progress: null,
    canRemove,
    args: ['/usr/bin/llama-server', ...embeddings, '--alias', options.id, ...args, '--model', path],
    process,
  }
}

/** A small server that speaks as a router of llama-server does, and lies on request. */
export const startLlamaRouter = async (options: RouterOptions = {}) => {
  const models = new Map((options.models ?? [{ id: 'tiny' }]).map((model) => [model.id, routed(model)]))
  const listeners = new Set<ServerResponse>()
  const state = {
    /** `held`: until `settle` is called */
    load: 'works' as 'works' | 'fails' | 'held',
    unload: 'works' as 'works' | 'held' | 'forced',
    download: 'works' as 'works' | 'fails' | 'held',
    full: false,
  }

  const tell = (model: string, event: string, data?: object) => {
    for (const each of listeners) each.write(`data: ${JSON.stringify({ model, event, ...(data && { data }) })}\n\n`)
  }
  const become = (id: string, value: string, more: { failed?: boolean; exitCode?: number } = {}) => {
    const model = models.get(id)
    if (model === undefined) return
    Object.assign(model, { value, failed: more.failed ?? false, exitCode: more.exitCode ?? null, progress: null })
    tell(id, 'status_change', { status: value, ...(more.exitCode !== undefined && { exit_code: more.exitCode }) })
  }
  /** Ends a load that is held. */
  const settle = (id: string, how: 'loaded' | 'failed' = 'loaded') =>
    how === 'loaded' ? become(id, 'loaded') : become(id, 'unloaded', { failed: true, exitCode: 1 })
  const progress = (id: string, stages: readonly string[], current: string, value: number, silently = false) => {
    const model = models.get(id)
    if (model) model.progress = { stages, current, value }
    if (!silently) tell(id, 'status_change', { status: 'loading', progress: { stages, current, value } })
  }
  const soon = (action: () => void) => void setTimeout(action, 20).unref()

  const entry = ([id, model]: [string, Routed]) => ({
    ...model.process.item,
    id,
    aliases: [],
    status: {
      value: model.value,
      args: model.args,
      preset: `[${id}]\n`,
      ...(model.progress && { progress: model.progress }),
      ...(model.failed && { failed: true, exit_code: model.exitCode }),
    },
    source: model.canRemove ? 'cache' : 'models_dir',
    can_remove: model.canRemove,
    context_length: 4096,
    ...(model.value === 'loaded' && { meta: model.process.meta }),
  })

  const load: Handler = ({ body }, response) => {
    const id = String(body.model)
    const model = models.get(id)
    if (model === undefined) return sendError(response, 404, 'File Not Found', { code: 404 })
    if (state.full) return sendError(response, 500, 'model limit reached, try again later', { type: 'server_error' })
    if (model.value !== 'unloaded') return sendError(response, 400, 'model is already running')
    Object.assign(model, { value: 'loading', failed: false })
    tell(id, 'model_status', { status: 'loading' })
    if (state.load === 'works') soon(() => model.value === 'loading' && settle(id))
    if (state.load === 'fails') soon(() => settle(id, 'failed'))
    return sendJson(response, { success: true })
  }
  const unload: Handler = ({ body }, response) => {
    const id = String(body.model)
    const model = models.get(id)
    if (model === undefined) return sendError(response, 400, 'model is not found')
    if (model.value === 'unloaded') return sendError(response, 400, 'model is not running')
    const wasDownloading = model.value === 'downloading'
    if (wasDownloading) models.delete(id)
    else if (state.unload === 'works') soon(() => become(id, 'unloaded', { exitCode: 0 }))
    else if (state.unload === 'forced') soon(() => become(id, 'unloaded', { failed: true, exitCode: 1 }))
    return sendJson(response, { success: true })
  }
  const download: Handler = ({ body }, response) => {
    const id = String(body.model)
    if (!/^[\w.-]+\/[\w.-]+(:[\w.-]+)?$/.test(id))
      return sendError(response, 400, 'error: invalid HF repo format, expected <user>/<model>[:quant]\n')
    models.set(id, { ...routed({ id, canRemove: true }), value: 'downloading' })
    tell(id, 'model_status', { status: 'downloading' })
    const finish = () => {
      if (state.download === 'fails') models.delete(id)
      else become(id, 'unloaded')
      tell(id, 'download_finished') // it comes for a failed one too
      tell('*', 'models_reload')
    }
    if (state.download !== 'held') soon(finish)
    return sendJson(response, { success: true })
  }
  const remove: Handler = ({ query }, response) => {
    const id = query.get('model') ?? ''
    const model = models.get(id)
    if (!model?.canRemove) return sendError(response, 500, `model name=${id} is not removable (not from cache)`)
    models.delete(id)
    return sendJson(response, { success: true })
  }

  /** To the process of a model; without `autoload=false` it loads that one. */
  const forward = async (route: string, request: SeenRequest, response: ServerResponse): Promise<void> => {
    const id = request.method === 'GET' ? request.query.get('model') : request.body.model
    if (typeof id !== 'string') return sendError(response, 400, 'model name is missing from the request')
    const model = models.get(id)
    if (model === undefined) return sendError(response, 400, `model '${id}' not found`)
    if (model.value === 'unloaded') {
      if (request.query.get('autoload') === 'false') return sendError(response, 400, 'model is not loaded')
      become(id, 'loaded')
    }
    await model.process.routes[route]?.(request, response)
    if (!model.process.state.sleeping && model.value === 'sleeping') become(id, 'loaded')
    if (model.process.state.crashed) become(id, 'unloaded', { failed: true, exitCode: 139 })
  }
  const forwarded = ['props', 'slots', 'metrics'].map((name) => `GET /${name}`)
  const inference = ['/v1/chat/completions', '/completion', '/v1/embeddings', '/v1/rerank', '/tokenize'].map(
    (path) => `POST ${path}`,
  )

  const events: Handler = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    listeners.add(response)
    response.on('close', () => listeners.delete(response))
  }
  const ownProps = { role: 'router', max_instances: 4, models_autoload: true, build_info: 'b11669-Debian' }
  const server = await startLyingServer({
    routes: {
      ...Object.fromEntries(
        [...forwarded, ...inference].map((route): [string, Handler] => [
          route,
          (request, response) => forward(route, request, response),
        ]),
      ),
      'GET /props': (request, response) =>
        request.query.has('model') ? forward('GET /props', request, response) : sendJson(response, ownProps),
      'GET /models': (_, response) => sendJson(response, { object: 'list', data: [...models].map(entry) }),
      'POST /models/load': load,
      'POST /models/unload': unload,
      'POST /models': download,
      'DELETE /models': remove,
      ...(!options.noEvents && { 'GET /models/sse': events }),
    },
    behaviour: options.behaviour,
    key: options.key,
  })
  return { ...server, state, models, listeners, become, settle, progress, tell }
}
