import { setTimeout as delay } from 'node:timers/promises'
import { type OpenAiBehaviour, textEvent } from './openAiBehaviour.ts'
import { type Handler, sendEvents, sendJson, startLyingServer } from './openAiServer.ts'

export interface FakeLemonadeModel {
  readonly id: string
  readonly labels?: readonly string[]
  readonly recipe?: string
  readonly source?: string
  readonly checkpoint?: string
  readonly sizeBytes?: number
  readonly trained?: number
  readonly downloaded?: boolean
  /** saved for it */
  readonly args?: string
  /** its file is not there, though it is listed */
  readonly gone?: boolean
  /** loads of it fail */
  readonly broken?: boolean
}

export interface LemonadeServerOptions {
  readonly version?: string
  readonly models?: readonly FakeLemonadeModel[]
  readonly offline?: boolean
  readonly key?: string
  readonly port?: number
  readonly maxLoaded?: number
  readonly behaviour?: Readonly<Record<string, OpenAiBehaviour>>
}

type Entry = { name: string; pid: number; options: Record<string, unknown>; busy: boolean; alive: boolean }

const folder = '/models'
const unloadMs = 20

/** A small server that speaks as Lemonade 2026.39 does, and lies on request. `state` may be changed while it runs. */
export const startLemonadeServer = async (options: LemonadeServerOptions = {}) => {
  const { version = '2026.39.1-2', maxLoaded = 2, offline = false } = options
  const state = {
    models: new Map((options.models ?? [{ id: 'tiny' }]).map((model) => [model.id, model])),
    loaded: [] as Entry[],
    aliases: new Map<string, string>(),
    /** a load waits for this */
    gate: Promise.resolve(),
    answer: ['Hello', ' there', '.'],
    /** of a pull: one event each */
    pull: [] as readonly string[],
  }
  let pids = 100

  const bare = (name: unknown): string => String(name).replace(/^(user|extra|builtin)\./, '')
  const find = (name: unknown): FakeLemonadeModel | undefined => {
    const id = bare(name)
    return state.models.get(state.aliases.get(id) ?? id)
  }
  const entryOf = (name: unknown) => state.loaded.find((entry) => entry.name === find(name)?.id)
  const checkpointOf = ({ id, checkpoint }: FakeLemonadeModel) => checkpoint ?? `${folder}/${id}.gguf`

  const item = (model: FakeLemonadeModel, id = model.id) => ({
    id,
    object: 'model',
    created: 1_234_567_890,
    owned_by: 'lemonade',
    recipe: model.recipe ?? 'llamacpp',
    checkpoint: checkpointOf(model),
    checkpoints: { main: checkpointOf(model) },
    components: [],
    downloaded: model.downloaded ?? true,
    labels: model.labels ?? ['custom', 'chat'],
    ...(model.sizeBytes !== 0 && { size: Number(((model.sizeBytes ?? 3_192_480) / 2 ** 30).toFixed(3)) }),
    max_context_window: model.trained ?? 4096,
    context_length: 4096,
    registry_source: 'huggingface',
    source: model.source ?? 'extra_models_dir',
    suggested: true,
    update_available: false,
    recipe_options: model.args === undefined ? {} : { llamacpp_args: model.args },
  })
  const health = () => ({
    status: 'ok',
    version,
    model_loaded: state.loaded.at(-1)?.name ?? null,
    all_models_loaded: state.loaded.map((entry) => ({
      model_name: entry.name,
      type: find(entry.name)?.labels?.includes('embeddings') ? 'embedding' : 'llm',
      recipe: 'llamacpp',
      device: 'gpu',
      pid: entry.pid,
      pinned: entry.options.pinned === true,
      is_busy: entry.busy,
      backend_alive: entry.alive,
      status: entry.busy ? 'in_use' : 'ready',
      last_use: 34_449_115,
      recipe_options: { ...entry.options, ctx_size: entry.options.ctx_size ?? 4096 },
    })),
    max_models: { llm: maxLoaded, embedding: -1 },
    pinned_models: { llm: state.loaded.filter((entry) => entry.options.pinned === true).length },
    websocket_port: 9000,
  })

  const missing: (name: unknown) => Handler = (name) => (_, response) =>
    sendJson(
      response,
      {
        error: {
          code: 'model_not_found',
          message: `Model '${name}' was not found. Available models include: …`,
          param: 'model',
          requested_model: name,
          type: 'model_not_found',
        },
      },
      404,
    )

  const load: Handler = async (request, response) => {
    const { model_name: name, ...fields } = request.body
    const model = find(name)
    if (model === undefined) return missing(name)(request, response)
    await state.gate
    const current = entryOf(name)
    if (current === undefined && state.loaded.length >= maxLoaded) {
      const victim = state.loaded.findIndex((entry) => entry.options.pinned !== true)
      const message = 'All loaded models of type standard/llm are pinned. Unload a model first.'
      if (victim === -1) return sendJson(response, { error: { code: 'slots_pinned_error', message } }, 409)
      state.loaded.splice(victim, 1)
    }
    if (model.broken || /--bogus/.test(String(fields.llamacpp_args))) {
      state.loaded = [] // the others pay for it
      const message = `Failed to load model '${name}': llama-server failed to start`
      return sendJson(response, { error: { code: 'model_load_error', message, type: 'model_load_error' } }, 500)
    }
    state.loaded = state.loaded.filter((entry) => entry !== current)
    state.loaded.push({ name: model.id, pid: ++pids, options: fields, busy: false, alive: true })
    sendJson(response, { status: 'success', model_name: model.id, checkpoint: checkpointOf(model), recipe: 'llamacpp' })
  }

  const unload: Handler = async ({ body }, response) => {
    const { model_name: name } = body
    if (typeof name !== 'string' || name === '') {
      state.loaded = []
      return sendJson(response, { status: 'success', message: 'All models unloaded successfully' })
    }
    const entry = entryOf(name)
    if (entry === undefined) return sendJson(response, { error: `Model not loaded: ${name}` }, 404)
    await delay(unloadMs)
    await state.gate
    state.loaded = state.loaded.filter((each) => each !== entry)
    sendJson(response, { status: 'success', message: 'Model unloaded successfully', model_name: name })
  }

  const pull: Handler = async ({ body }, response) => {
    const name = String(body.model_name)
    const known = find(name)
    if (known === undefined && typeof body.checkpoint === 'string') {
      const model = { id: bare(name), checkpoint: body.checkpoint, source: 'huggingface', downloaded: false }
      state.models.set(model.id, model)
    }
    if (offline)
      return sendJson(
        response,
        { code: 'lemond_offline', error: 'Lemond is in offline mode, models not downloaded' },
        400,
      )
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of state.pull) response.write(`${event}\n\n`)
    const model = find(name)
    if (model !== undefined && state.pull.at(-1)?.startsWith('event: complete'))
      state.models.set(model.id, { ...model, downloaded: true })
    response.end()
  }

  const remove: Handler = async ({ body }, response) => {
    const model = find(body.model_name)
    if (model === undefined || state.aliases.has(bare(body.model_name)))
      return sendJson(response, { error: `Model not found: ${body.model_name}` }, 422)
    state.loaded = state.loaded.filter((entry) => entry.name !== model.id)
    if ((model.source ?? 'extra_models_dir') === 'extra_models_dir')
      return sendJson(response, { error: 'Cannot delete extra models via API.' }, 500)
    state.models.delete(model.id)
    sendJson(response, { status: 'success', message: `Deleted model: ${body.model_name}` })
  }

  const files = (model: FakeLemonadeModel) => ({
    model_id: model.id,
    files: [
      {
        name: model.gone ? 'models--me--x' : (checkpointOf(model).split('/').at(-1) ?? ''),
        role: 'main',
        path: checkpointOf(model),
        size_bytes: model.sizeBytes ?? 3_192_480,
        exists: true,
      },
    ],
  })
  const oneModel: Handler = (request, response) => {
    const [, id = '', rest] = /^\/v1\/models\/([^/]+)(\/files)?$/.exec(request.path) ?? []
    const name = decodeURIComponent(id)
    const model = find(name)
    if (model === undefined) return missing(name)(request, response)
    sendJson(response, rest === undefined ? item(model, bare(name)) : files(model))
  }

  const chat: Handler = async (request, response) => {
    if (find(request.body.model) === undefined) return missing(request.body.model)(request, response)
    const limit = typeof request.body.max_tokens === 'number' ? request.body.max_tokens : 100
    const words = state.answer.slice(0, limit)
    const timings = { prompt_n: 15, prompt_ms: 100, predicted_n: words.length, predicted_ms: 10 }
    await sendEvents(response, [
      ...words.map((word) => textEvent(word)),
      textEvent('', words.length < state.answer.length ? 'length' : 'stop'),
      JSON.stringify({ choices: [], usage: { prompt_tokens: 15, completion_tokens: words.length }, timings }),
      '[DONE]',
    ])
  }
  const embed: Handler = (request, response) => {
    const model = find(request.body.model)
    if (model === undefined) return missing(request.body.model)(request, response)
    const message = 'This server does not support embeddings. Start it with `--embeddings`'
    if (!model.labels?.includes('embeddings'))
      return sendJson(response, { error: { code: 501, message, status_code: 501, type: 'not_supported_error' } }, 501)
    const texts = Array.isArray(request.body.input) ? request.body.input : []
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: [String(text).length, 0.5] }))
    sendJson(response, { object: 'list', data, usage: { prompt_tokens: 4 } })
  }

  const pin: Handler = ({ body }, response) => {
    const entry = entryOf(body.model_name)
    if (entry === undefined)
      return sendJson(response, { error: { message: `Model not loaded: ${body.model_name}` } }, 400)
    entry.options.pinned = body.pinned
    sendJson(response, { status: 'success', model_name: body.model_name, pinned: body.pinned })
  }

  const webPage: Handler = (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Lemonade App</title>')
  const system = {
    'OS Version': 'Linux',
    Processor: 'ERROR - Processor name not found',
    'Physical Memory': '23.54 GB',
    model_storage: { path: '/hub', free_bytes: 2 ** 31 },
    recipes: {
      llamacpp: {
        default_backend: 'system',
        backends: { system: { state: 'installed' }, cuda: { state: 'unsupported' } },
      },
    },
  }

  const server = await startLyingServer({
    routes: {
      'GET /v1/health': (_, response) => sendJson(response, health()),
      'GET /v1/models': (_, response) =>
        sendJson(response, {
          object: 'list',
          data: [
            ...[...state.models.values()].filter(({ downloaded }) => downloaded !== false).map((model) => item(model)),
            ...[...state.aliases.keys()].flatMap((alias) => {
              const model = find(alias)
              return model === undefined ? [] : [item(model, alias)]
            }),
          ],
        }),
      'GET /v1/models/*': oneModel,
      'POST /v1/load': load,
      'POST /v1/unload': unload,
      'POST /v1/pull': pull,
      'POST /v1/delete': remove,
      'POST /v1/chat/completions': chat,
      'POST /v1/embeddings': embed,
      'POST /internal/pin': pin,
      'GET /internal/aliases': (_, response) =>
        sendJson(response, { aliases: [...state.aliases].map(([alias, target]) => ({ alias, target })) }),
      'GET /internal/config': (_, response) =>
        sendJson(response, { offline, extra_models_dir: folder, auto_evict: false }),
      'GET /v1/stats': (_, response) =>
        sendJson(response, {
          tokens_per_second: 42,
          request_count_total: 7,
          input_tokens_total: 100,
          output_tokens_total: 50,
        }),
      'GET /v1/system-info': (_, response) => sendJson(response, system),
      'GET /v1/*': (_, response) =>
        sendJson(response, { error: { message: 'The requested endpoint does not exist', type: 'not_found' } }, 404),
      'GET *': webPage,
    },
    behaviour: options.behaviour,
    key: options.key,
    port: options.port,
  })

  return {
    ...server,
    state,
    loadedNames: () => state.loaded.map(({ name }) => name),
    /** Loads it as another program would. */
    loadElsewhere: (name: string, fields: Record<string, unknown> = {}) => {
      state.loaded.push({ name, pid: ++pids, options: fields, busy: false, alive: true })
    },
    /** Loads and unloads wait until the returned function is called. */
    hold: (): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      state.gate = promise
      return resolve
    },
  }
}

/** The events of a pull, as they were seen. */
export const pullEvents = (file: string, sizes: readonly number[], totalBytes: number): string[] =>
  sizes.map((bytes, index) => {
    const known = index === 0 || bytes > 0
    const data = {
      file,
      file_index: 1,
      total_files: 1,
      bytes_downloaded: bytes,
      bytes_previously_downloaded: 0,
      bytes_total: known ? totalBytes : 0,
      total_download_size: totalBytes,
      percent: 0,
    }
    return `event: progress\ndata: ${JSON.stringify(data)}`
  })
export const pullEnd =
  'event: complete\ndata: {"bytes_downloaded":0,"bytes_total":0,"file":"","file_index":1,"percent":100,"total_download_size":0,"total_files":1}'
